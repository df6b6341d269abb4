/** Every screen on which something is written or decided, by the first part of its address; `params` are the parts after it. */
import { html } from "../parts.js";
import { AttentionScreen, ConflictScreen } from "./attention.js";
import { ContractScreen } from "./contract.js";
import { DraftsScreen } from "./drafts.js";
import { ExportScreen } from "./export.js";
import { GenericScreen } from "./generic.js";
import { HouseholdScreen } from "./household.js";
import { AppealScreen, PerformanceScreen } from "./performance.js";
import { PlanScreen } from "./plan.js";
import { VisitScreen, isFast } from "./visit.js";
import { WorkScreen } from "./work.js";

/**
 * `#/form/TYPE/RESIDENT[/RECORD]` (a new resident: `#/form/resident/new`; both visits in one: TYPE
 * `hypertension_visit+diabetes_visit`), `#/household/ID/visit[/RECORD]`, `#/plan/RESIDENT`,
 * `#/contract/RESIDENT[/new|/RECORD[/stop]]`, `#/performance/CONTRACT/ITEM`, `#/appeal/CONTRACT/ITEM`, `#/attention`,
 * `#/conflict/RECORD`, `#/work[/MONTH]`, `#/drafts`, `#/export`.
 * @type {Record<string, (props: {app: any, params: string[]}) => any>}
 */
export const screens = {
  form: (props) => html`<${isFast(props.params[0]) ? VisitScreen : GenericScreen} ...${props} />`,
  household: HouseholdScreen,
  plan: PlanScreen,
  contract: ContractScreen,
  performance: PerformanceScreen,
  appeal: AppealScreen,
  attention: AttentionScreen,
  conflict: ConflictScreen,
  work: WorkScreen,
  drafts: DraftsScreen,
  export: ExportScreen,
};
