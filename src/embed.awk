# Turns text files into C: awk -v header=web/pages/pages.h -v prefix=page_ -f embed.awk FILE...
# FILE login.html becomes `const struct slice page_login_html`. One of the files is a list that is itself
# made: DESIGN.md, Bad passwords are generated.
BEGIN { printf "/* Made by src/embed.awk: change the files that it was made from. */\n#include \"%s\"\n", header }
FNR == 1 {
	if (name != "") close_text()
	name = FILENAME
	sub(/.*\//, "", name)
	gsub(/[^A-Za-z0-9]/, "_", name)
	printf "\nstatic const char text_%s[] =\n", name
}
{
	gsub(/\\/, "\\\\&")
	gsub(/"/, "\\\"")
	gsub(/\t/, "\\t")
	gsub(/\?/, "\\?")	# "??=" would be a trigraph
	printf "\t\"%s\\n\"\n", $0
}
END { if (name != "") close_text() }
function close_text() {
	printf "\t\"\";\nconst struct slice %s%s = { text_%s, sizeof(text_%s) - 1 };\n", prefix, name, name, name
}
