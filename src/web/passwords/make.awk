# Makes the list of well-known bad passwords from roots.txt: awk -f make.awk roots.txt
# What is said of each root is what people do: count on, put the year or a sign after it, say it twice.
# See DESIGN.md, Bad passwords are generated.
# Only what could be set at all is kept: eight characters and more, small letters (capitals are folded when it is asked).
BEGIN {
	counts = "1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789 4321 54321 321 007 69 99 100 111111 000000"
	many = split(counts, count, " ")
	signs = split("! !! !!! 1! 123! 1234! 12345! @123 @1234 @12345 #1 #123 . _123 -123 ?", sign, " ")
}
/^#/ { next }
/^\[/ { part = $0; next }
part == "[whole]" { for (i = 1; i <= NF; i++) keep($i); next }
{ for (i = 1; i <= NF; i++) grow($i) }
part == "[first]" { for (i = 1; i <= NF; i++) first[++firsts] = $i }
END {
	for (i = 1; i <= firsts; i++)
		for (k = 1; k <= firsts; k++)
			keep(first[i] first[k])
	for (c = 33; c < 127; c++)
		for (i = 8; i <= 24; i++)
			keep(repeated(tolower(sprintf("%c", c)), i))
}
function grow(word,    k) {
	keep(word)
	for (k = 2; k <= 4; k++)
		keep(repeated(word, k))
	for (k = 1; k <= many; k++)
		keep(word count[k])
	for (k = 1; k <= signs; k++)
		keep(word sign[k])
	for (k = 2018; k <= 2029; k++) {
		keep(word k)
		keep(word k "!")
	}
	keep("123456" word)
	keep("1234" word)
	keep("my" word "1234")
	keep("ilove" word)
	keep("i love " word)
}
function repeated(text, times,    out) {
	while (times-- > 0)
		out = out text
	return out
}
function keep(text) {
	if (length(text) >= 8 && !(text in kept)) {
		kept[text] = 1
		print text
	}
}
