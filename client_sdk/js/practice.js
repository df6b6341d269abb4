// The sample people of the practice mode: eight residents of a village that does not exist, as records relative to a day.
import { addDays, monthsLater, yearOf } from "./sync/days.js";

/** @typedef {import("./view.js").Record} Record */
/** @typedef {import("./view.js").Sections} Sections */
/**
 * `seen`: how many days ago the last visit was; `due`: in how many the next one is; `pressure`, `glucose`: what was measured.
 * @typedef {{name: string, sex: string, age: number, door: number, hypertension?: boolean, diabetes?: boolean, pressure?:
 *   [number, number], glucose?: string, seen?: number, due?: number, allergy?: string}} Person
 */

export const SAMPLE_DOCTOR = { id: "p-practice", name: "练习医生" };
const [VILLAGE, TOWNSHIP, NURSE] = ["000000000001", "000000000", "p-practice-nurse"];
export const SAMPLE_NAMES = {
  version: "",
  area: { [VILLAGE]: "练习村" },
  person: { [SAMPLE_DOCTOR.id]: SAMPLE_DOCTOR.name, [NURSE]: "练习护士" },
};
/** @type {Person[]} */
const PEOPLE = [
  {
    name: "王秀兰",
    sex: "female",
    age: 67,
    door: 1,
    hypertension: true,
    pressure: [152, 94],
    seen: 23,
    due: -9,
    allergy: "penicillin",
  },
  { name: "王大勇", sex: "male", age: 70, door: 1, hypertension: true, pressure: [128, 78], seen: 20, due: 64 },
  { name: "王小军", sex: "male", age: 41, door: 1 },
  {
    name: "李建国",
    sex: "male",
    age: 63,
    door: 2,
    hypertension: true,
    diabetes: true,
    pressure: [138, 86],
    glucose: "6.8",
    seen: 84,
    due: 0,
  },
  { name: "陈小梅", sex: "female", age: 58, door: 2, diabetes: true, pressure: [124, 80], glucose: "8.9", seen: 10, due: 4 },
  { name: "张桂芳", sex: "female", age: 72, door: 3, hypertension: true, pressure: [134, 82], seen: 80, due: 4 },
  { name: "赵德福", sex: "male", age: 78, door: 4, hypertension: true, pressure: [146, 88], seen: 60, due: 25 },
  { name: "刘玉珍", sex: "female", age: 66, door: 5 },
];
const IN_DISPUTE = 6; // whose plan two colleagues changed apart

/** What may be signed. @type {{name: string, tier: string, price: string, items: {[key: string]: {[field: string]: any}}}[]} */
const PACKAGES = [
  {
    name: "基础服务包",
    tier: "basic",
    price: "0",
    items: {
      assessment: { name: "健康评估", times_per_year: 1, due_rule: "within_days_of_start", due_days: 30 },
      pressure: {
        name: "高血压面对面随访",
        times_per_year: 4,
        due_rule: "spread_evenly",
        fulfilled_by: ["hypertension_visit"],
        groups: ["hypertension"],
        face_to_face: true,
      },
    },
  },
  {
    name: "初级服务包",
    tier: "junior",
    price: "60",
    items: {
      round: { name: "上门巡诊", times_per_year: 4, due_rule: "every_n_months", every_months: 3, fulfilled_by: ["home_visit"] },
    },
  },
];

/**
 * The records of a day, as the server would tell them; the doctor's own hand is `author`.
 * @param {string} today @param {string} author @returns {Record[]}
 */
export function sampleRecords(today, author) {
  const began = monthsLater(today, -14);
  const doors = [...new Set(PEOPLE.map(({ door }) => door))];
  return [
    ...doors.map((door) => household(door, began, author)),
    ...PEOPLE.flatMap((who, n) => [
      resident(who, n, today, author),
      ...(who.hypertension ? [register(n, "hypertension", began, author), visit(who, n, "hypertension", today, author)] : []),
      ...(who.diabetes ? [register(n, "diabetes", began, author), visit(who, n, "diabetes", today, author)] : []),
    ]),
    plan(IN_DISPUTE, today, author),
    ...PACKAGES.map((offer, n) => servicePackage(offer, n, began, author)),
  ];
}

/** An id that is the same each time. @param {number} kind @param {number} n */
const idOf = (kind, n) => `00000000-0000-7000-8000-0000000${kind}${String(n).padStart(4, "0")}`;
const residentId = (/** @type {number} */ n) => idOf(1, n);
const householdId = (/** @type {number} */ door) => idOf(2, door);

/** @param {string} actor @param {number} counter @param {string} day @param {string} author @param {Sections} sections */
const edit = (actor, counter, day, author, sections) => {
  const at = `${day}T02:00:00.000Z`;
  return { dot: /** @type {[string, number]} */ ([actor, counter]), at, written_at: at, author, sections };
};

/**
 * A record of one edit.
 * @param {string} record @param {string} type @param {string | null} subject @param {string} day @param {string} author
 * @param {Sections} sections @param {string} [scope] @returns {Record}
 */
const made = (record, type, subject, day, author, sections, scope = VILLAGE) => ({
  record,
  type,
  subject,
  scope,
  seen: { practice: 1 },
  edits: [edit("practice", 1, day, author, sections)],
});

/** @param {number} door */
const address = (door) => `练习镇练习村${door}组${door}号`;

/** Nobody is called by it: no number of a person, nor of an office, begins so. @param {number} n */
const phone = (n) => `1540000000${n}`;

/** @param {number} door @param {string} began @param {string} author */
function household(door, began, author) {
  const members = PEOPLE.flatMap((who, n) => (who.door === door ? [n] : []));
  const count = members.length;
  const head = {
    head: residentId(members[0]),
    head_name: PEOPLE[members[0]].name,
    registered_count: count,
    present_count: count,
  };
  return made(householdId(door), "household", householdId(door), began, author, {
    identity: { household_no: `L${door}`, ...head },
    residence: { area_code: VILLAGE, address: address(door) },
    record_status: { status: "active" },
  });
}

/** @param {typeof PACKAGES[number]} offer @param {number} n @param {string} began @param {string} author */
function servicePackage({ name, tier, price, items }, n, began, author) {
  const about = { code: `L${n + 1}`, name, tier, organization: "o-practice", price_yuan_per_year: price, valid_from: began };
  const each = Object.entries(items).map(([key, item]) => [`item/${key}`, { nature: n ? "optional" : "basic", ...item }]);
  return made(idOf(0, n + 1), "service_package", null, began, author, { package: about, ...Object.fromEntries(each) }, TOWNSHIP);
}

/** @param {Person} who @param {number} n @param {string} today @param {string} author */
function resident(who, n, today, author) {
  const diseases = [...(who.hypertension ? ["hypertension"] : []), ...(who.diabetes ? ["diabetes"] : [])];
  const head = PEOPLE.findIndex(({ door }) => door === who.door) === n;
  const none = {
    surgery: "no",
    trauma: "no",
    transfusion: "no",
    father: ["none"],
    mother: ["none"],
    siblings: ["none"],
    children: ["none"],
  };
  return made(residentId(n), "resident", residentId(n), monthsLater(today, -14), author, {
    identity: { name: who.name, sex: who.sex, birth_date: `${yearOf(today) - who.age}-01-${10 + n}`, id_missing_reason: "lost" },
    demographics: {
      ethnicity: "han",
      abo: "unknown",
      rh: "unknown",
      education: "primary",
      marital_status: "married",
      payment: ["rural_cooperative"],
    },
    contact: { phone: phone(n), contact_name: who.name, contact_phone: phone(n) },
    residence: {
      residence_type: "registered",
      area_code: VILLAGE,
      address: address(who.door),
      organization: "o-practice",
      doctor: author,
    },
    history: { drug_allergy: [who.allergy ?? "none"], past_disease: diseases.length ? diseases : ["none"], ...none },
    disability: { disability: ["none"] },
    household: { household: householdId(who.door), relation_to_head: head ? "head" : "other" },
    record_status: { status: "active" },
  });
}

/** @param {number} n @param {"hypertension" | "diabetes"} disease @param {string} began @param {string} author */
function register(n, disease, began, author) {
  return made(idOf(disease === "diabetes" ? 4 : 3, n), "chronic_register", residentId(n), began, author, {
    registration: { disease, opened_on: began, confirmed_on: began, found_by: "outpatient" },
    management: { organization: "o-practice", doctor: author },
    status: { status: "managed" },
  });
}

/**
 * @param {Person} who @param {number} n @param {"hypertension" | "diabetes"} disease @param {string} today
 * @param {string} author
 */
function visit({ pressure = [0, 0], glucose, seen = 0, due = 0 }, n, disease, today, author) {
  const on = addDays(today, -seen);
  const diabetes = disease === "diabetes";
  const high = diabetes ? Number(glucose) >= 7 : pressure[0] >= 150;
  const weight = { weight_kg: "62.0", height_cm: "160.0", bmi_kg_m2: "24.2", target_weight_kg: "60.0", target_bmi_kg_m2: "23.4" };
  const eats = diabetes
    ? { staple_food_g_per_day: 300, target_staple_food_g_per_day: 250 }
    : { salt: "medium", target_salt: "light" };
  const moves = { exercise_per_week: 5, target_exercise_per_week: 7, exercise_min: 30, target_exercise_min: 30 };
  const drinks = {
    cigarettes_per_day: 0,
    target_cigarettes_per_day: 0,
    alcohol_liang_per_day: "0",
    target_alcohol_liang_per_day: "0",
  };
  const drug = diabetes
    ? { drug: "二甲双胍", times_per_day: 2, dose: "0.5", dose_unit: "g" }
    : { drug: "氨氯地平", times_per_day: 1, dose: "5", dose_unit: "mg" };
  return made(idOf(diabetes ? 6 : 5, n), `${disease}_visit`, residentId(n), on, author, {
    visit: { visited_on: on, way: "clinic", doctor: author },
    symptoms: { symptoms: ["none"] },
    vitals: {
      systolic_mmhg: pressure[0],
      diastolic_mmhg: pressure[1],
      heart_rate_per_min: 74,
      ...weight,
      ...(diabetes && { dorsalis_pedis: "normal" }),
    },
    ...(diabetes && { glucose: { fasting_glucose_mmol_l: glucose } }),
    lifestyle: { ...drinks, ...moves, ...eats, psychology: "good", follows_advice: "good" },
    adherence: { medication: "regular", adverse_reaction: "no", ...(diabetes && { hypoglycemia: "none" }) },
    assessment: { class: high ? "uncontrolled" : "controlled" },
    [`medication/${idOf(diabetes ? 8 : 7, n)}`]: drug,
    next_visit: { on: addDays(today, due) },
  });
}

/**
 * A plan that two colleagues changed apart: the doctor may look at it, and need not decide.
 * @param {number} n @param {string} today @param {string} author @returns {Record}
 */
function plan(n, today, author) {
  const [written, changed] = [monthsLater(today, -5), addDays(today, -3)];
  const summary = {
    version: 1,
    status: "active",
    written_on: written,
    problem_summary: "高血压，独居",
    service_mode: ["clinic", "home"],
    visits_per_year: 6,
    goals: "血压低于140/90",
  };
  const rest = {
    team: { village_doctor: author },
    "condition/hypertension": { name: "高血压", target_systolic_mmhg: 140, target_diastolic_mmhg: 90, education: "少盐" },
    review: { next_review_on: monthsLater(written, 6), approved_on: written, approved_by: NURSE },
  };
  const edits = [
    edit("practice", 1, written, author, rest),
    edit("practice", 2, changed, author, { summary: { ...summary, goals: "血压低于150/90，先防跌倒" } }),
    edit("practice1", 1, changed, NURSE, { summary: { ...summary, visits_per_year: 12 } }),
  ];
  return {
    record: idOf(9, n),
    type: "care_plan",
    subject: residentId(n),
    scope: VILLAGE,
    seen: { practice: 2, practice1: 1 },
    edits,
  };
}
