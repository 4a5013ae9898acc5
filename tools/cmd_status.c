/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/cmd.h"

#include <stdio.h>

#include "appliance/base/json.h"
#include "tools/connect.h"
#include "tools/options.h"
#include "tools/output.h"

static long long number(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_keeper(const json_t *reply)
{
	const json_t *keeper = json_object_get(reply, "keeper");

	printf("strongroom %s\n\n", sr_json_text(reply, "version"));
	sr_output_field("data directory", sr_json_text(keeper, "data"));
	printf("keeper: process %lld since %s, %lld sessions (会话)\n", number(keeper, "pid"),
	       sr_json_text(keeper, "since"), number(keeper, "sessions"));
}

static void print_stores(const json_t *reply)
{
	const json_t *vault = json_object_get(reply, "vault");
	const json_t *ledger = json_object_get(reply, "ledger");
	const json_t *disk = json_object_get(reply, "disk");
	const json_t *backup = json_object_get(reply, "backup");
	char size[SR_SIZE_TEXT], room[SR_SIZE_TEXT];

	sr_output_size((uint64_t)number(vault, "bytes"), size);
	sr_output_size((uint64_t)number(disk, "free"), room);
	printf("vault (案卷库): %lld archives, %s; %lld cases in the index\n", number(vault, "archives"),
	       size, number(vault, "cases"));
	printf("ledger (存证日志): %lld entries, %lld published, the last at %s\n", number(ledger, "size"),
	       number(ledger, "published"), sr_json_text(ledger, "last"));
	sr_output_field("  origin", sr_json_text(ledger, "origin"));
	printf("disk: %s free, %lld %%\n", room, number(disk, "percent"));
	if (json_is_object(backup))
		printf("backup (备份): %s, %lld days ago, %lld entries\n", sr_json_text(backup, "time"),
		       number(backup, "age_days"), number(backup, "size"));
	else
		puts("backup (备份): none");
}

static enum sr_status print_status(const json_t *reply, struct sr_err *err)
{
	const json_t *clock = json_object_get(reply, "clock");
	const json_t *warnings = json_object_get(reply, "warnings");
	size_t index;
	json_t *row;

	(void)err;
	print_keeper(reply);
	print_stores(reply);
	printf("clock: %s; ledger time %s, the machine's %s\n", sr_json_text(clock, "state"),
	       sr_json_text(clock, "ledger"), sr_json_text(clock, "wall"));
	json_array_foreach(json_object_get(reply, "certificates"), index, row)
		printf("certificate %s: until %s\n", sr_json_text(row, "name"), sr_json_text(row, "until"));
	puts(json_array_size(warnings) ? "\nwarnings (提示):" : "\nno warnings");
	json_array_foreach(warnings, index, row) {
		fputs("  ", stdout);
		sr_output_text(sr_json_text(row, "text"));
		putchar('\n');
	}
	return SR_OK;
}

enum sr_status sr_cmd_status(const struct sr_globals *globals, int argc, char **argv, struct sr_err *err)
{
	struct sr_words words;

	SR_TRY(sr_options_parse(argc, argv, NULL, 0, 0, 0, &words, err));
	return sr_command_run(globals, "Status", json_object(), print_status, err);
}
