#include "conf/sample.h"

#include <string.h>

#include "conf/setting.h"

static const char *
value_of(const struct sample *sample, const char *name)
{
	if (strcmp(name, "issuer") == 0)
		return sample->issuer;
	if (strcmp(name, "user") == 0)
		return sample->user;
	if (strcmp(name, "socket_group") == 0)
		return sample->socket_group;
	return strcmp(name, "state_folder") == 0 ? sample->state_folder : NULL;
}

void
sample_put(const struct sample *sample, struct buf *out)
{
	const char *section = "";

	buf_puts(out, "# The settings of this site. man pintle.conf explains them; pintle check "
	    "reports what is wrong.\n");
	for (const struct setting *setting = setting_table; setting->name; setting++) {
		const char *value = value_of(sample, setting->name);

		if (strcmp(setting->section, section) != 0)
			buf_printf(out, "\n[%s]\n", setting->section);
		section = setting->section;
		buf_printf(out, "\n# %s\n# ", setting->text);
		setting_describe(setting, out);
		if (setting->fallback == NULL && setting->derived)
			buf_printf(out, "; by default %s", setting->derived);
		if (value)
			buf_printf(out, "\n%s = %s\n", setting->name, value);
		else
			buf_printf(out, "\n#%s = %s\n", setting->name,
			    setting->fallback ? setting->fallback : "");
	}
}
