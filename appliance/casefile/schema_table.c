/* SPDX-License-Identifier: Apache-2.0 */
#include "appliance/casefile/schema_table.h"

#include "appliance/base/cleanup.h"

/* clang-format off */
#define TEXT(name) { .key = (name), .form = SR_FORM_TEXT }
#define TEXTS(name) { .key = (name), .form = SR_FORM_TEXT, .list = true }
#define BOOLEAN(name) { .key = (name), .form = SR_FORM_BOOLEAN }
#define INTEGER(name) { .key = (name), .form = SR_FORM_INTEGER }
#define MONEY(name) { .key = (name), .form = SR_FORM_MONEY }
#define DATE(name) { .key = (name), .form = SR_FORM_DATE }
#define TIME(name) { .key = (name), .form = SR_FORM_TIME }
#define MOMENT(name) { .key = (name), .form = SR_FORM_MOMENT }
#define OFFSET(name) { .key = (name), .form = SR_FORM_OFFSET }
#define DIGEST(name) { .key = (name), .form = SR_FORM_DIGEST }
#define PATH(name) { .key = (name), .form = SR_FORM_PATH }
#define REFERENCE(name) { .key = (name), .form = SR_FORM_REFERENCE }
#define REFERENCES(name) { .key = (name), .form = SR_FORM_REFERENCE, .list = true }
#define RECORD(name) { .key = (name), .form = SR_FORM_RECORD }
#define CHOICE(name, ...) { .key = (name), .form = SR_FORM_CHOICE, .words = (__VA_ARGS__) }
#define CHOICES(name, ...) { .key = (name), .form = SR_FORM_CHOICE, .list = true, .words = (__VA_ARGS__) }
#define WORDS(name, ...) { .key = (name), .form = SR_FORM_WORD, .list = true, .words = (__VA_ARGS__) }
#define OBJECT(name, schema) { .key = (name), .form = SR_FORM_OBJECT, .object = &(schema) }
#define OBJECTS(name, schema) { .key = (name), .form = SR_FORM_OBJECT, .list = true, .object = &(schema) }
/* clang-format on */

#define DEFINE(name, ...)                                                                                    \
	static const struct sr_schema_entry name##_entries[] = { __VA_ARGS__ };                              \
	static const struct sr_schema name = { name##_entries, SR_COUNT(name##_entries) }

#define OUTCOMES "penalty|no_penalty|no_violation|dismissed|transferred|coercion|confirmation|declined"
#define CLASSIFICATIONS "none|privacy|commercial|state-secret"
#define RETENTIONS "permanent|30y|10y"
#define METHODS "direct|post|leaving|public_notice|entrusted|forwarded|electronic"
#define SHOWN "scene|people|things|measures|service|other"

/* --- the case ------------------------------------------------------------------------------------------- */

DEFINE(organ, TEXT("name"), TEXT("code"), CHOICE("level", "province|city|county"), TEXT("parent_code"),
       TEXT("unit"));
DEFINE(entrusted_by, TEXT("name"), TEXT("code"), REFERENCE("document"), MOMENT("from"), MOMENT("until"));
DEFINE(archive, TEXT("fonds"), TEXT("catalogue"), TEXT("volume"), INTEGER("year"), TEXT("number"),
       TEXT("arranged_by"), DATE("arranged_on"), TEXT("checked_by"), DATE("checked_on"), TEXT("note"));
DEFINE(secret, TEXT("grade"), DATE("end"));
DEFINE(related, TEXT("number"),
       CHOICE("relation", "merged|split|reopened|reconsideration|litigation|transferred_in"));
DEFINE(party, TEXT("name"), CHOICE("kind", "person|organization"), TEXT("id_number"), TEXT("address"),
       TEXT("representative"));
DEFINE(officer, TEXT("name"), TEXT("certificate_no"));
DEFINE(dates, MOMENT("started"), MOMENT("approved"), MOMENT("closed"));

/* --- its start ------------------------------------------------------------------------------------------ */

DEFINE(declined, TEXT("reason"), REFERENCE("notice"), MOMENT("informed_at"), REFERENCE("record"));
DEFINE(complaint, MOMENT("at"), BOOLEAN("real_name"), REFERENCE("record"), OBJECT("declined", declined));
DEFINE(opinion, TEXT("by"), MOMENT("at"), TEXT("opinion"));
DEFINE(start, REFERENCE("form"), TEXT("urgent_reason"), MOMENT("reported_at"), TEXT("reason"), TEXT("facts"),
       TEXT("party"), OBJECT("handler", opinion), OBJECT("unit", opinion), OBJECT("head", opinion));

/* --- evidence ------------------------------------------------------------------------------------------- */

DEFINE(gap, TIME("from"), TIME("to"),
       CHOICE("reason", "fault|damage|battery|storage|weather|obstruction|other"), REFERENCE("spoken_in"),
       OFFSET("spoken_at"));
DEFINE(abandoned, MOMENT("at"), TEXT("reason"), TEXT("reported_to"), MOMENT("reported_at"),
       REFERENCE("account"));
DEFINE(act, TEXT("id"),
       CHOICE("kind", "interview|onsite_inspection|evidence_request|electronic_evidence|sampling|sealing_up|"
                      "prior_registration|release|goods_disposal|entrustment|rights_notice|"
                      "statement_defence|recusal|hearing|expert_review|assistance|other"),
       TIME("from"), TIME("to"), TEXT("place"), TEXTS("officers"), BOOLEAN("certificate_shown"),
       CHOICES("told", "cause|basis|rights|duties"), REFERENCES("documents"), REFERENCES("recordings"),
       TEXT("no_recording_reason"),
       CHOICES("full_basis", "liberty|life_health|major_property|confiscated_goods|case_room"),
       WORDS("covers", SHOWN), WORDS("covers_not_applicable", SHOWN), OBJECTS("gaps", gap),
       OBJECT("abandoned", abandoned));
DEFINE(right, CHOICE("right", "statement|defence|recusal|hearing"), REFERENCE("told_in"), MOMENT("at"),
       WORDS("points", "facts|evidence|basis|content|statement_right|defence_right"),
       CHOICE("exercised", "yes|no|waived"), REFERENCE("record"),
       CHOICE("answer", "accepted|partly|rejected"), REFERENCE("answer_record"));
DEFINE(hearing, BOOLEAN("right"), MOMENT("applied_at"), REFERENCE("notice"), BOOLEAN("public"),
       REFERENCE("announcement"), MOMENT("at"), TEXT("place"), TEXT("host"), TEXTS("attendees"),
       REFERENCE("record"), REFERENCE("report"));
DEFINE(entrustment, CHOICE("kind", "audit|inspection|monitoring|appraisal|expert_review"), TEXT("body"),
       REFERENCE("letter"), REFERENCE("opinion"), TEXT("by"), MOMENT("at"));
DEFINE(expert_argument, MOMENT("at"), TEXTS("experts"), REFERENCE("record"));

/* --- decision ------------------------------------------------------------------------------------------- */

DEFINE(major, BOOLEAN("is"),
       WORDS("grounds", "public_interest|social_risk|major_rights|hearing|complex|catalogue"), TEXT("item"));
DEFINE(reviewer, TEXT("name"), TEXT("qualification_no"));
DEFINE(point, BOOLEAN("ok"), TEXT("text"));
DEFINE(points, OBJECT("authority", point), OBJECT("procedure", point), OBJECT("facts", point),
       OBJECT("law", point), OBJECT("competence", point), OBJECT("documents", point), OBJECT("crime", point));
DEFINE(handled, MOMENT("at"), TEXT("by"), RECORD("record"));
DEFINE(disagreement, TEXT("decided_by"), MOMENT("at"), RECORD("record"));
DEFINE(legal_review, INTEGER("round"), MOMENT("submitted"), MOMENT("decided"), TEXT("organ"),
       OBJECTS("reviewers", reviewer), REFERENCE("opinion"), CHOICE("result", "passed|returned"),
       OBJECT("points", points), OBJECT("handled", handled), OBJECT("disagreement", disagreement));
DEFINE(discussion, BOOLEAN("required"), MOMENT("at"), REFERENCE("record"), TEXTS("attended"), TEXTS("signed"),
       TEXTS("absent"));
DEFINE(publication, CHOICE("basis", "7|20|exempt"), DATE("published_on"), TEXT("url"), TEXT("exempt_reason"),
       DATE("withdrawn_on"));
DEFINE(decision, CHOICE("outcome", OUTCOMES), TEXT("number"), REFERENCE("document"), DATE("made_on"),
       TEXT("opinion"), TEXT("signed_by"), MOMENT("signed_at"), MONEY("fine"), MONEY("confiscated"),
       MONEY("recovered"), OBJECT("publication", publication));

/* --- service and execution ------------------------------------------------------------------------------ */

DEFINE(signer, TEXT("name"), TEXT("relation"));
DEFINE(witness, TEXT("name"), BOOLEAN("signed"));
DEFINE(failed, CHOICE("method", METHODS), MOMENT("at"), RECORD("record"));
DEFINE(post, CHOICE("type", "registered|ems"), TEXT("number"), RECORD("register"), REFERENCE("proof"));
DEFINE(service, REFERENCE("document"), TEXT("number"), REFERENCE("receipt"), CHOICE("method", METHODS),
       MOMENT("at"), TEXTS("servers"), BOOLEAN("server_signed"), TEXT("recipient"), OBJECT("signer", signer),
       BOOLEAN("signer_signed"), TEXT("reason"), DATE("refused_on"), OBJECTS("witnesses", witness),
       OBJECTS("failed", failed), TEXT("carrier"), REFERENCE("copy"), OBJECT("post", post), RECORD("consent"),
       REFERENCES("recordings"));
DEFINE(correction, REFERENCE("order"), MOMENT("due"), MOMENT("checked_at"), TEXT("result"),
       REFERENCE("record"));
DEFINE(court, RECORD("reminder"), MOMENT("applied_at"), REFERENCE("application"), TEXT("outcome"),
       REFERENCE("record"));
DEFINE(execution, CHOICE("state", "full|partial|instalments|none|court"), DATE("ended_on"),
       REFERENCE("record"), OBJECT("correction", correction), OBJECT("court", court));
DEFINE(obstruction, MOMENT("at"), TEXT("text"), CHOICE("suspected", "none|public_order|crime"), TEXT("to"),
       REFERENCE("document"), MOMENT("transferred_at"));
DEFINE(responsibility, TEXT("handler"), TEXT("reviewer"), TEXT("head"));

/* --- members -------------------------------------------------------------------------------------------- */

DEFINE(away, TEXT("reason"), TIME("returned_at"));
DEFINE(explanation, REFERENCE("path"), TEXT("collector"), MOMENT("collected_at"), TEXT("place"),
       TEXT("proves"));
DEFINE(disc, TEXT("number"), DATE("copied_on"), TEXT("by"), DIGEST("sha256"));

static const struct sr_schema_entry member_entries[] = {
	PATH("path"),
	CHOICE("class", "document|medium|explanation"),
	TEXT("kind"),
	TEXT("title"),
	TEXT("document_no"),
	DATE("date"),
	TEXT("responsible"),
	CHOICE("volume", "main|sub"),
	INTEGER("page_from"),
	INTEGER("page_to"),
	TEXT("form"),
	CHOICE("original", "original|copy|printout"),
	TEXT("copy_checked_by"),
	TEXT("act"),
	CHOICES("classification", CLASSIFICATIONS),
	OBJECT("secret", secret),
	REFERENCE("redacts"),
	TEXT("note"),
	DIGEST("sha256"),
	/* media */
	CHOICE("retention", RETENTIONS),
	CHOICE("scene", "onsite|indoor|case_room|hearing|service|other"),
	BOOLEAN("evidence"),
	TIME("recorded_from"),
	TIME("recorded_to"),
	TIME("stored_at"),
	CHOICE("stored_to", "system|unit_storage|personal"),
	TEXT("stored_by"),
	OBJECT("away", away),
	TEXT("device"),
	CHOICE("device_kind", "body_camera|camera|recorder|cctv|phone"),
	OFFSET("notice_at"),
	OFFSET("statement_at"),
	WORDS("statement", "time|place|officers|act|focus"),
	OBJECT("explanation", explanation),
	REFERENCE("transcript"),
	OBJECTS("discs", disc),
};
const struct sr_schema sr_schema_member = { member_entries, SR_COUNT(member_entries) };

static const struct sr_schema_entry remark_entries[] = { TEXT("code"), TEXT("text"), TEXT("by"),
	                                                 TEXT("head") };
const struct sr_schema sr_schema_remark = { remark_entries, SR_COUNT(remark_entries) };

/* --- the document --------------------------------------------------------------------------------------- */

static const struct sr_schema_entry case_entries[] = {
	CHOICE("format", SR_CASE_FORMAT),
	TEXT("rulebook"),
	TEXT("number"),
	TEXT("title"),
	CHOICE("category", "inspection|penalty|coercion|confirmation"),
	CHOICE("procedure", "ordinary|summary"),
	CHOICE("source", "complaint|inspection|assigned|transferred|superior|media|other"),
	CHOICE("outcome", OUTCOMES),
	OBJECT("organ", organ),
	OBJECT("entrusted_by", entrusted_by),
	OBJECT("archive", archive),
	CHOICES("classification", CLASSIFICATIONS),
	OBJECT("secret", secret),
	CHOICE("retention", RETENTIONS),
	TEXT("custodian"),
	OBJECTS("related", related),
	OBJECTS("parties", party),
	OBJECTS("officers", officer),
	OBJECT("dates", dates),
	OBJECT("complaint", complaint),
	OBJECT("start", start),
	OBJECTS("acts", act),
	TEXT("text_suffices"),
	OBJECTS("rights", right),
	OBJECT("hearing", hearing),
	OBJECTS("entrustments", entrustment),
	OBJECT("expert_argument", expert_argument),
	OBJECT("major", major),
	OBJECTS("legal_review", legal_review),
	OBJECT("discussion", discussion),
	OBJECT("decision", decision),
	OBJECTS("service", service),
	OBJECT("execution", execution),
	OBJECTS("obstruction", obstruction),
	OBJECT("responsibility", responsibility),
	OBJECTS("members", sr_schema_member),
	OBJECTS("remarks", sr_schema_remark),
};
const struct sr_schema sr_schema_case = { case_entries, SR_COUNT(case_entries) };
