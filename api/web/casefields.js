// SPDX-License-Identifier: Apache-2.0
// The fields of case.json (docs/CASE.md) as the forms show them: in sections, each with its kind of control.
// "key:kind(words or schema)", in the order in which people fill them in.
const outcomes = "penalty|no_penalty|no_violation|dismissed|transferred|coercion|confirmation|declined";
const classes = "none|privacy|commercial|state-secret";
const methods = "direct|post|leaving|public_notice|entrusted|forwarded|electronic";
const shown = "scene|people|things|measures|service|other";

const texts = {
	organ: "name:text code:text level:choice(province|city|county) parent_code:text unit:text",
	entrusted_by: "name:text code:text document:ref from:moment until:moment",
	archive: "fonds:text catalogue:text volume:text year:int number:text arranged_by:text arranged_on:date checked_by:text checked_on:date note:long",
	secret: "grade:text end:date",
	related: "number:text relation:choice(merged|split|reopened|reconsideration|litigation|transferred_in)",
	party: "name:text kind:choice(person|organization) id_number:text address:text representative:text",
	officer: "name:text certificate_no:text",
	dates: "started:moment approved:moment closed:moment",
	declined: "reason:long notice:ref informed_at:moment record:ref",
	complaint: "at:moment real_name:bool record:ref declined:object(declined)",
	opinion: "by:text at:moment opinion:long",
	start: "form:ref reason:long facts:long party:long urgent_reason:long reported_at:moment handler:object(opinion) unit:object(opinion) head:object(opinion)",
	gap: "from:time to:time reason:choice(fault|damage|battery|storage|weather|obstruction|other) spoken_in:ref spoken_at:offset",
	abandoned: "at:moment reason:long reported_to:text reported_at:moment account:ref",
	act: "id:text kind:choice(interview|onsite_inspection|evidence_request|electronic_evidence|sampling|sealing_up|prior_registration|release|goods_disposal|entrustment|rights_notice|statement_defence|recusal|hearing|expert_review|assistance|other) "
		+ "from:time to:time place:text officers:officers certificate_shown:bool told:choices(cause|basis|rights|duties) documents:refs recordings:refs no_recording_reason:long "
		+ `full_basis:choices(liberty|life_health|major_property|confiscated_goods|case_room) covers:choices(${shown}) covers_not_applicable:choices(${shown}) gaps:objects(gap) abandoned:object(abandoned)`,
	right: "right:choice(statement|defence|recusal|hearing) told_in:ref at:moment points:choices(facts|evidence|basis|content|statement_right|defence_right) exercised:choice(yes|no|waived) record:ref answer:choice(accepted|partly|rejected) answer_record:ref",
	hearing: "right:bool applied_at:moment notice:ref public:bool announcement:ref at:moment place:text host:text attendees:texts record:ref report:ref",
	entrustment: "kind:choice(audit|inspection|monitoring|appraisal|expert_review) body:text letter:ref opinion:ref by:text at:moment",
	expert_argument: "at:moment experts:texts record:ref",
	major: "is:bool grounds:choices(public_interest|social_risk|major_rights|hearing|complex|catalogue) item:text",
	reviewer: "name:text qualification_no:text",
	point: "ok:bool text:long",
	points: "authority:object(point) procedure:object(point) facts:object(point) law:object(point) competence:object(point) documents:object(point) crime:object(point)",
	handled: "at:moment by:text record:text",
	disagreement: "decided_by:text at:moment record:text",
	legal_review: "round:int submitted:moment decided:moment organ:text reviewers:objects(reviewer) opinion:ref result:choice(passed|returned) points:object(points) handled:object(handled) disagreement:object(disagreement)",
	discussion: "required:bool at:moment record:ref attended:texts signed:texts absent:texts",
	publication: "basis:choice(7|20|exempt) published_on:date url:text exempt_reason:long withdrawn_on:date",
	decision: `outcome:choice(${outcomes}) number:text document:ref made_on:date opinion:long signed_by:text signed_at:moment fine:money confiscated:money recovered:money publication:object(publication)`,
	signer: "name:text relation:text",
	witness: "name:text signed:bool",
	failed: `method:choice(${methods}) at:moment record:text`,
	post: "type:choice(registered|ems) number:text register:text proof:ref",
	service: `document:ref number:text receipt:ref method:choice(${methods}) at:moment servers:texts server_signed:bool recipient:text signer:object(signer) signer_signed:bool reason:long refused_on:date `
		+ "witnesses:objects(witness) failed:objects(failed) carrier:text copy:ref post:object(post) consent:text recordings:refs",
	correction: "order:ref due:moment checked_at:moment result:long record:ref",
	court: "reminder:text applied_at:moment application:ref outcome:text record:ref",
	execution: "state:choice(full|partial|instalments|none|court) ended_on:date record:ref correction:object(correction) court:object(court)",
	obstruction: "at:moment text:long suspected:choice(none|public_order|crime) to:text document:ref transferred_at:moment",
	responsibility: "handler:text reviewer:text head:text",
	away: "reason:long returned_at:time",
	explanation: "collector:text collected_at:moment place:text proves:long path:ref",
	disc: "number:text copied_on:date by:text sha256:text",
	member: "title:text kind:text class:choice(document|medium|explanation) volume:choice(main|sub) date:date responsible:text document_no:text page_from:int page_to:int form:text original:choice(original|copy|printout) copy_checked_by:text "
		+ `classification:choices(${classes}) secret:object(secret) redacts:ref note:long`,
	medium: "title:text kind:text class:choice(document|medium|explanation) volume:choice(main|sub) date:date responsible:text act:act scene:choice(onsite|indoor|case_room|hearing|service|other) evidence:bool",
	recorded: "recorded_from:time recorded_to:time device:text device_kind:choice(body_camera|camera|recorder|cctv|phone) notice_at:offset statement_at:offset statement:choices(time|place|officers|act|focus)",
	stored: "stored_at:time stored_to:choice(system|unit_storage|personal) stored_by:text away:object(away) retention:choice(permanent|30y|10y) discs:objects(disc)",
	told: "explanation:object(explanation) transcript:ref",
	rest: `classification:choices(${classes}) secret:object(secret) redacts:ref note:long document_no:text form:text original:choice(original|copy|printout) copy_checked_by:text page_from:int page_to:int`,
	case: "number:text title:text rulebook:choice(base|inner-mongolia|yangquan) category:choice(inspection|penalty|coercion|confirmation) procedure:choice(ordinary|summary) "
		+ `source:choice(complaint|inspection|assigned|transferred|superior|media|other) outcome:choice(${outcomes}) organ:object(organ) entrusted_by:object(entrusted_by) archive:object(archive) classification:choices(${classes}) `
		+ "secret:object(secret) retention:choice(permanent|30y|10y) custodian:text related:objects(related) parties:objects(party) officers:objects(officer) dates:object(dates) complaint:object(complaint) start:object(start) acts:objects(act) "
		+ "text_suffices:long rights:objects(right) hearing:object(hearing) entrustments:objects(entrustment) expert_argument:object(expert_argument) major:object(major) legal_review:objects(legal_review) discussion:object(discussion) "
		+ "decision:object(decision) service:objects(service) execution:object(execution) obstruction:objects(obstruction) responsibility:object(responsibility)",
};

const parse = (text) => [...text.matchAll(/(\w+):(\w+)(?:\(([^)]*)\))?/g)].map(([, key, kind, more]) => ({
	key, kind,
	schema: kind === "object" || kind === "objects" ? more : undefined,
	words: kind === "choice" || kind === "choices" ? more.split("|") : undefined,
}));
export const schemas = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, parse(text)]));
const of = Object.fromEntries(schemas.case.map((field) => [field.key, field]));

// The sections of the form, in the order of a volume.
export const sections = Object.entries({
	cover: "number title rulebook category procedure source outcome organ entrusted_by responsibility",
	parties: "parties officers",
	start: "dates complaint start",
	inquiry: "acts text_suffices rights hearing entrustments expert_argument obstruction",
	decision: "major legal_review discussion decision",
	execution: "service execution",
	filing: "archive classification secret retention custodian related",
}).map(([name, keys]) => ({ name, fields: keys.split(" ").map((key) => of[key]) }));

// The parts of a member's form; a recording has more of them.
export const memberParts = (kind) => kind === "medium"
	? [["what", schemas.medium], ["recorded", schemas.recorded], ["told", schemas.told], ["stored", schemas.stored], ["rest", schemas.rest]]
	: [["what", schemas.member]];

// The section that a JSON pointer ("/acts/0/from") belongs to.
export function sectionOf(pointer) {
	const key = (pointer || "").split("/")[1];
	return sections.find((s) => s.fields.some((f) => f.key === key))?.name;
}
