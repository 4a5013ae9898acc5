/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verbs, in the order in which the overview shows them. */
#include "tools/cmd.h"

#include "appliance/base/cleanup.h"

const struct sr_command sr_commands[] = {
	{ "init",
	  "[--organ NAME] [--organ-code CODE] [--admin-name NAME] [--escrow-out DIR] "
	  "[--passphrase|--no-passphrase]",
	  "make a data directory with its keys; without options, a terminal is asked",
	  "  --organ NAME       name of the organ (机关名称)\n"
	  "  --organ-code CODE  its code, such as 150100-YB\n"
	  "  --admin-name NAME  your own name: who calls becomes the administrator (系统管理员)\n"
	  "  --escrow-out DIR   where the keys go that must leave the machine (default DATA/escrow)\n"
	  "  --passphrase       put the keys under a passphrase: from the terminal, --passphrase-fd or a "
	  "credential\n"
	  "  --no-passphrase    do not\n",
	  sr_cmd_init },
	{ "keys passphrase", "[--new-passphrase-fd N] | --remove",
	  "put the keys under a passphrase, or another one (密钥口令); nothing may serve",
	  "  --new-passphrase-fd N  read the new one from descriptor N instead of the terminal\n"
	  "  --remove           none any more\n",
	  sr_cmd_keys_passphrase },
	{ "check", "FOLDER [--rulebook PACK]",
	  "say what a case folder lacks (归档检查); exit 3 if anything blocks",
	  "  --rulebook PACK    judge by this pack instead of the one that case.json names\n", sr_cmd_check },
	{ "arrange", "FOLDER [--rulebook PACK] [--out FILE]",
	  "propose order, volumes and page numbers of a case folder (排序编页)",
	  "  --rulebook PACK    arrange by this pack instead of the one that case.json names\n"
	  "  --out FILE         write case.json with the proposal taken over to FILE\n",
	  sr_cmd_arrange },
	{ "seal", "FOLDER [--rulebook PACK] [--remark CODE=TEXT]...",
	  "check a case folder and seal it (封装归档)",
	  "  --rulebook PACK    judge by this pack instead of the one that case.json names\n"
	  "  --remark CODE=TEXT answer the warnings of that code; may be given again\n",
	  sr_cmd_seal },
	{ "supplement", "CASE FOLDER [--rulebook PACK] [--remark CODE=TEXT]...",
	  "seal a further part of a sealed case (补充卷)",
	  "  --rulebook PACK    judge by this pack instead of the one that case.json names\n"
	  "  --remark CODE=TEXT answer the warnings of that code; may be given again\n",
	  sr_cmd_supplement },
	{ "verify", "FILE.tar|CASE... | --all [--quick] [--root CERT] [--report FILE]",
	  "check seals, stamps and contents (完整性校验); exit 6 on damage",
	  "  --all              every archive of the vault\n"
	  "  --quick            structure, seal and stamp only; members are not read\n"
	  "  --root CERT        root certificate to trust for files (default DATA/keys/root.pem)\n"
	  "  --stamp-root CERT  further root for time stamps alone\n"
	  "  --report FILE      write the report for paper (完整性校验报告，含四性检测) as HTML\n",
	  sr_cmd_verify },
	{ "import", "FILE.tar... [--root CERT]",
	  "take archives into the vault: own ones put back, or another appliance's",
	  "  --root CERT        root certificate of the appliance that sealed them (default: this one's)\n",
	  sr_cmd_import },
	{ "fixity", "[CASE...] | --all [--rate MIB/S] [--older-than DAYS] [--report FILE]",
	  "check archives without hurry (固定性检查); exit 6 on damage",
	  "  --all              every archive that you may have checked\n"
	  "  --rate MIB/S       read at most so much a second\n"
	  "  --older-than DAYS  only what was not checked for so long, the longest first\n"
	  "  --report FILE      write the report for paper (完整性校验报告，含四性检测) as HTML\n",
	  sr_cmd_fixity },
	{ "find",
	  "[WORDS...] [--number N] [--party P] [--category C] [--from DATE] [--to DATE] [--limit N] "
	  "[--after CURSOR]",
	  "find sealed cases (检索案卷), the newest first",
	  "  --number N         the case with this number (案号)\n"
	  "  --party P          a party's name (当事人), or its beginning\n"
	  "  --category C       inspection, penalty, coercion or confirmation\n"
	  "  --from DATE        closed on that day or later, such as 2025-03-02\n"
	  "  --to DATE          closed on that day or before\n"
	  "  --limit N          at most so many (default 50)\n"
	  "  --after CURSOR     go on behind a page: its cursor\n",
	  sr_cmd_find },
	{ "show", "CASE", "show cover and catalogue of a sealed case", NULL, sr_cmd_show },
	{ "papers", "CASE --out DIR", "make the printable papers of a sealed case (封面、目录、备考表、证明)",
	  "  --out DIR          folder for the HTML pages\n", sr_cmd_papers },
	{ "recover", "FILE.tar --identity FILE --out DIR [--root CERT]",
	  "decrypt an archive with an escrow key; no appliance needed",
	  "  --identity FILE    escrow key (PEM) or age identity\n"
	  "  --out DIR          folder to make for the members\n"
	  "  --root CERT        root certificate to trust; without it the signer is not judged\n"
	  "  --stamp-root CERT  further root for time stamps alone\n",
	  sr_cmd_recover },
	{ "cat", "GRANT CASE MEMBER [--range FIRST-LAST]", "read a member under a grant, to standard output",
	  "  --range FIRST-LAST only these bytes, counted from 0; FIRST- or -COUNT\n", sr_cmd_cat },
	{ "export", "GRANT --out DIR|FILE.tar|FILE.iso", "copy what a grant covers out of the vault (复制)",
	  "  --out DIR          folder to make, or a name that ends in .tar or .iso\n", sr_cmd_export },
	{ "disc", "FOLDER --out FILE.iso",
	  "copy a case's recordings into a disc image for the file (光盘附卷), before sealing",
	  "  --out FILE.iso     disc image to make\n", sr_cmd_disc },
	{ "live", "", "say who reads what now (正在查阅)", NULL, sr_cmd_live },
	{ "serve", "[--listen ADDR:PORT] [--mount DIR] [--no-api] [--no-fs]",
	  "run the keeper and its front ends in the foreground",
	  "  --listen ADDR:PORT where https is served (default 127.0.0.1:8443)\n"
	  "  --mount DIR        folder on which granted cases appear as files\n"
	  "  --no-api           no https\n"
	  "  --no-fs            no filesystem\n",
	  sr_cmd_serve },
	{ "serve-keeper", "", NULL, NULL, sr_cmd_serve_keeper },
	{ "serve-fs", "", NULL, NULL, sr_cmd_serve_fs },
	{ "serve-mount", "DIR", NULL, NULL, sr_cmd_serve_mount },
	{ "serve-api", "", NULL, NULL, sr_cmd_serve_api },
	{ "whoami", "", "say which user you are to the appliance", NULL, sr_cmd_whoami },
	{ "user add", "NAME --role ROLE [--organ CODE] [--clearance LIST] [--login UNIX-LOGIN]",
	  "propose a new user (新增用户); the security administrator confirms",
	  "  --role ROLE        handler, archivist, official, supervisor, auditor, security-admin, admin\n"
	  "  --organ CODE       their organ (default the one of init)\n"
	  "  --clearance LIST   privacy, commercial, state-secret, with commas\n"
	  "  --login UNIX-LOGIN they may come by this Unix login\n"
	  "  --full-name TEXT   name on papers (default NAME)\n"
	  "  --password-stdin   their password is the next line of standard input\n",
	  sr_cmd_user_add },
	{ "user change", "NAME [--role ROLE] [--organ CODE] [--clearance LIST] [--login UNIX-LOGIN]",
	  "propose a change of a user (变更用户)",
	  "  --role ROLE, --organ CODE, --clearance LIST, --login UNIX-LOGIN, --full-name TEXT as of user "
	  "add\n"
	  "  --remove FIELD     take away login or clearances; may be given again\n",
	  sr_cmd_user_change },
	{ "user confirm", "NAME [--proposal P]",
	  "confirm what was proposed for a user (确认); by the security administrator",
	  "  --proposal P       this one of several\n", sr_cmd_user_confirm },
	{ "user drop", "NAME [--proposal P] [--reason TEXT]",
	  "take back or refuse what was proposed for a user (撤销提议)",
	  "  --proposal P       this one of several\n"
	  "  --reason TEXT      for the log\n",
	  sr_cmd_user_drop },
	{ "user list", "", "list users and what waits for confirmation (用户列表)", NULL, sr_cmd_user_list },
	{ "user disable", "NAME [--reason TEXT]", "propose to disable a user (停用用户)",
	  "  --reason TEXT      for the log\n", sr_cmd_user_disable },
	{ "user passwd", "NAME [--password-stdin]",
	  "change your own password, or propose a new one for another user (修改、重置密码)",
	  "  --password-stdin   another's new password is the next line of standard input; without it one is "
	  "made\n",
	  sr_cmd_user_passwd },
	{ "session list", "[--user NAME]", "list live sessions (会话列表)",
	  "  --user NAME        somebody else's; for the security administrator\n", sr_cmd_session_list },
	{ "session end", "[SESSION] [--user NAME]", "end one session, or all others (结束会话)",
	  "  --user NAME        somebody else's; for the security administrator\n", sr_cmd_session_end },
	{ "organ add", "CODE NAME --level LEVEL [--parent CODE]", "add an organ (新增机关)",
	  "  --level LEVEL      province, city or county\n"
	  "  --parent CODE      the organ above it\n",
	  sr_cmd_organ_add },
	{ "organ list", "", "list the organs (机关列表)", NULL, sr_cmd_organ_list },
	{ "roster import", "FILE.csv", "propose the people of a table (导入人员名册)", NULL,
	  sr_cmd_roster_import },
	{ "delegate add", "OFFICIAL DEPUTY --from DATE --until DATE",
	  "name a deputy who decides for you (委托代批)",
	  "  --from DATE        first day, such as 2026-11-21\n"
	  "  --until DATE       last day\n",
	  sr_cmd_delegate_add },
	{ "delegate end", "OFFICIAL DEPUTY", "end a delegation of yours (终止委托)", NULL,
	  sr_cmd_delegate_end },
	{ "delegate list", "", "list delegations (委托列表)", NULL, sr_cmd_delegate_list },
	{ "policy show", "", "show the approval table (审批权限表)", NULL, sr_cmd_policy_show },
	{ "policy propose", "FILE", "propose another approval table; an official confirms", NULL,
	  sr_cmd_policy_propose },
	{ "policy confirm", "[--policy DIGEST]", "confirm the proposed approval table",
	  "  --policy DIGEST    this one of several\n", sr_cmd_policy_confirm },
	{ "clock confirm", "", "confirm that the machine's clock is right (校准时钟); both administrators do",
	  NULL, sr_cmd_clock_confirm },
	{ "pass issue", "GRANT --identity KIND", "make a party's one-time pass (当事人通行码)",
	  "  --identity KIND    which paper you looked at, such as id-card\n", sr_cmd_pass_issue },
	{ "application list", "", "list applications of parties (当事人申请)", NULL,
	  sr_cmd_application_list },
	{ "application drop", "APPLICATION --reason TEXT", "close an application and forget who applied",
	  "  --reason TEXT      the applicant sees it\n", sr_cmd_application_drop },
	{ "register import", "FILE.csv", "put rows of the register of matters (导入案件台账)", NULL,
	  sr_cmd_register_import },
	{ "register add", "COLUMN=VALUE...", "put one row of the register, as number=… title=…", NULL,
	  sr_cmd_register_add },
	{ "register list", "[--organ CODE] [--year Y] [--limit N] [--after CURSOR]",
	  "list the register, and what of it is sealed",
	  "  --organ CODE       rows of this organ alone\n"
	  "  --year Y           rows of matters begun in this year\n"
	  "  --limit N          at most so many (default 100)\n"
	  "  --after CURSOR     go on behind a page: its cursor\n",
	  sr_cmd_register_list },
	{ "register reconcile", "", "compare the register and the sealed cases, both ways (台账核对)", NULL,
	  sr_cmd_register_reconcile },
	{ "draft new", "[FOLDER]", "begin a draft (立卷草稿), with the files of a case folder", NULL,
	  sr_cmd_draft_new },
	{ "draft list", "[--state STATE]", "list drafts: yours, or those of your organ",
	  "  --state STATE      open, returned, submitted, sealed or dropped (default the first three)\n",
	  sr_cmd_draft_list },
	{ "draft show", "DRAFT", "show a draft's description and files as JSON", NULL, sr_cmd_draft_show },
	{ "draft check", "DRAFT", "say what a draft lacks (归档检查); exit 3 if anything blocks", NULL,
	  sr_cmd_draft_check },
	{ "draft answer", "DRAFT CODE=TEXT [--by NAME] [--head NAME]",
	  "answer a draft's findings of that code (情况说明)",
	  "  --by NAME          who answers (default you)\n"
	  "  --head NAME        the head who signed; defects need one\n",
	  sr_cmd_draft_answer },
	{ "draft submit", "DRAFT", "hand a draft to the archivist (移交归档); exit 3 if anything blocks",
	  NULL, sr_cmd_draft_submit },
	{ "draft return", "DRAFT --reason TEXT", "give a submitted draft back to its handler (退回)",
	  "  --reason TEXT      what is to be mended\n", sr_cmd_draft_return },
	{ "draft seal", "DRAFT [--remark CODE=TEXT]...", "seal a submitted draft (封装归档)",
	  "  --remark CODE=TEXT answer the warnings of that code; may be given again\n", sr_cmd_draft_seal },
	{ "draft drop", "DRAFT [--reason TEXT]", "drop a draft with its files", "  --reason TEXT      why\n",
	  sr_cmd_draft_drop },
	{ "status", "", "one page: keeper, vault, ledger, clock, disk, backup, warnings", NULL,
	  sr_cmd_status },
	{ "request new", "--case CASE... --purpose P --reason TEXT [OPTIONS]",
	  "ask to read sealed cases (调阅申请)",
	  "  --case CASE...     case numbers or ids, all of one organ\n"
	  "  --purpose P        what for (调阅目的), such as supervision or handling\n"
	  "  --reason TEXT      why\n"
	  "  --member [CASE:]N  this member alone; may be given again\n"
	  "  --volume V         main or sub; may be given again (default both; main for others)\n"
	  "  --days N           1 to 30 (default 7)\n"
	  "  --channel LIST     fs, web, copy, with commas (default fs,web)\n"
	  "  --for TEXT         for a party, lawyer, court or other body: who they are\n"
	  "  --for-kind KIND    party, lawyer, court or other (default party)\n"
	  "  --papers FILE...   scans of their papers, named KIND.* or KIND=FILE, such as identity=1.pdf\n",
	  sr_cmd_request_new },
	{ "request list", "[--state STATE]", "list requests: your own, or those that you decide",
	  "  --state STATE      filed, partly, approved, refused or withdrawn\n"
	  "  --limit N          at most so many (default 100)\n"
	  "  --after CURSOR     go on behind a page: its cursor\n",
	  sr_cmd_request_list },
	{ "request show", "REQUEST", "show a request, its decisions and its digest", NULL,
	  sr_cmd_request_show },
	{ "request withdraw", "REQUEST [--reason TEXT]", "take back a request that is not decided yet",
	  "  --reason TEXT      why\n", sr_cmd_request_withdraw },
	{ "decide", "REQUEST approve|refuse [OPTIONS]", "decide a request (审批)",
	  "  --reason TEXT      why; a refusal needs it\n"
	  "  --digest DIGEST    of the request as it was shown; refused if it is another now\n"
	  "  --case CASE...     these cases of the request alone\n"
	  "  --without-member [CASE:]N  not this member; may be given again\n"
	  "  --with-member [CASE:]N     this member although it is classified above the reader's clearances\n"
	  "  --days N           fewer days than were asked for\n"
	  "  --channel LIST     these of the channels alone\n"
	  "  --escort USER      only while this user stands beside the reader (陪同查阅)\n"
	  "  --no-cache         keep nothing in the machine's page cache\n"
	  "  --deputy-for OFFICIAL  in whose stead, where you are deputy of several\n",
	  sr_cmd_decide },
	{ "grant list", "[--state STATE]", "list grants (调阅许可)",
	  "  --state STATE      live, expired, revoked, returned or ended\n", sr_cmd_grant_list },
	{ "grant revoke", "GRANT --reason TEXT", "end a grant now; open readings stop",
	  "  --reason TEXT      why\n", sr_cmd_grant_revoke },
	{ "grant return", "GRANT [--reason TEXT]", "give a grant of yours back early",
	  "  --reason TEXT      why\n", sr_cmd_grant_return },
	{ "hold place", "CASE --reason TEXT", "keep a case from disposal (暂缓处置)",
	  "  --reason TEXT      why\n", sr_cmd_hold_place },
	{ "hold release", "CASE --reason TEXT [--hold HOLD]", "end a hold",
	  "  --reason TEXT      why\n"
	  "  --hold HOLD        which, where the case has several\n",
	  sr_cmd_hold_release },
	{ "hold list", "[CASE]", "list holds", NULL, sr_cmd_hold_list },
	{ "disposal propose", "CASE... --reason TEXT",
	  "put cases whose retention is over on a disposal list (销毁清册)", "  --reason TEXT      why\n",
	  sr_cmd_disposal_propose },
	{ "disposal approve", "CASE", "approve the disposal list that a case is on; nothing is removed", NULL,
	  sr_cmd_disposal_approve },
	{ "disposal list", "", "list disposal lists", NULL, sr_cmd_disposal_list },
	{ "ledger tail", "[-f] [--from N]", "print entries of the log, one a line (存证日志)",
	  "  -f                 go on with what comes\n"
	  "  --from N           begin with entry N (default 0)\n",
	  sr_cmd_ledger_tail },
	{ "ledger verify", "", "recompute the log and replay its state; exit 6 when something is wrong", NULL,
	  sr_cmd_ledger_verify },
	{ "ledger prove", "SEQ", "print the receipt of an entry (调阅存证回执)", NULL, sr_cmd_ledger_prove },
	{ "ledger extends", "CHECKPOINT-FILE", "prove that the log extends a checkpoint that was kept", NULL,
	  sr_cmd_ledger_extends },
	{ "receipt verify", "FILE --key VERIFIER-KEY-FILE", "check a receipt; no appliance needed",
	  "  --key FILE         the ledger's verifier key (DATA/keys/ledger.vkey)\n", sr_cmd_receipt_verify },
	{ "readings", "--from DATE --to DATE [--print]", "register of readings (调阅登记簿)",
	  "  --from DATE, --to DATE  days, both included\n"
	  "  --print            a page for paper (HTML)\n",
	  sr_cmd_readings },
	{ "backup", "DIR [--no-archives]", "back everything up while it runs; again: what is new (备份)",
	  "  --no-archives      database, log and keys alone\n", sr_cmd_backup },
	{ "restore", "DIR [--checkpoint FILE|--accept-loss] [--identity FILE|--keys DIR] [--replace]",
	  "put a data directory back from a backup (恢复); a new epoch of the log begins",
	  "  --checkpoint FILE  newest checkpoint, or receipt, that is known elsewhere\n"
	  "  --accept-loss      what came after the backup may be lost\n"
	  "  --identity FILE    escrow.age-identity, which opens the keys in the backup\n"
	  "  --keys DIR         a folder with the keys instead\n"
	  "  --replace          the data directory is there: set its database aside, keep keys and "
	  "archives\n",
	  sr_cmd_restore },
	{ "rebuild", "[--from-tiles]", "make the index anew; with --from-tiles the lost database too",
	  "  --from-tiles       the database is lost: make it from the published entries\n", sr_cmd_rebuild },
	{ "stats", "--year Y", "the figures of a year (统计指标), each with the cases behind it",
	  "  --year Y           the year\n", sr_cmd_stats },
	{ "warnings", "", "what is about to be late or out of order (预警)", NULL, sr_cmd_warnings },
	{ "review seed", "--year Y --count N --seed TEXT [--category C] [--reviewer USER]...",
	  "write the seed of a draw into the log, to draw later (案卷评查种子登记)",
	  "  --year Y           cases sealed in this year\n"
	  "  --count N          how many\n"
	  "  --seed TEXT        what the draw begins with; anybody can draw again with it\n"
	  "  --category C       inspection, penalty, coercion or confirmation\n"
	  "  --reviewer USER    who reviews too: their own cases are left out; may be given again\n",
	  sr_cmd_review_seed },
	{ "review draw",
	  "--year Y --count N --seed TEXT [--category C] [--reviewer USER]... | --review REVIEW "
	  "[--days N] [--reason TEXT]",
	  "draw a sample of sealed cases for evaluation and ask to read it (案卷评查抽取)",
	  "  --year Y           cases sealed in this year\n"
	  "  --count N          how many\n"
	  "  --seed TEXT        what the draw begins with; anybody can draw again with it\n"
	  "  --category C       inspection, penalty, coercion or confirmation\n"
	  "  --reviewer USER    who reviews too: their own cases are left out; may be given again\n"
	  "  --review REVIEW    a review that was seeded before, instead of all these\n"
	  "  --days N           how long the requests ask to read (default 7)\n"
	  "  --reason TEXT      to be added to their reason\n",
	  sr_cmd_review_draw },
	{ "review record", "REVIEW FILE", "record the evaluation of a drawn case (评查记录)", NULL,
	  sr_cmd_review_record },
	{ "review list", "", "reviews, and findings on their way (评查及问题整改)", NULL,
	  sr_cmd_review_list },
	{ "review show", "REVIEW", "a review: its cases, results and findings", NULL, sr_cmd_review_show },
	{ "review mend", "FINDING --text TEXT [--part N] [--paper FILE]...",
	  "say how a finding was mended (整改情况)",
	  "  --text TEXT        what was done\n"
	  "  --part N           the supplement (补充卷) that mends it\n"
	  "  --paper FILE       a scan that shows it; may be given again\n",
	  sr_cmd_review_mend },
	{ "review close", "FINDING [--text TEXT]", "find it mended, as the reviewer (销号)",
	  "  --text TEXT        a note\n", sr_cmd_review_close },
	{ "review reopen", "FINDING --text TEXT", "find it not mended, as the reviewer (退回整改)",
	  "  --text TEXT        what is still to be done\n", sr_cmd_review_reopen },
	{ "bag verify", "DIR|TAR", "validate a BagIt bag (RFC 8493)", NULL, sr_cmd_bag_verify },
	{ "rulebook list", "", "list the rulebook packs of this version", NULL, sr_cmd_rulebook_list },
	{ "rulebook check", "FILE", "validate a rulebook pack", NULL, sr_cmd_rulebook_check },
};

const size_t sr_command_count = SR_COUNT(sr_commands);
