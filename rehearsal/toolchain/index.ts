export type { ToolName } from "./catalog";
export { examineTools, type Examination, type ExaminedTool } from "./examine";
export { provideTools } from "./provide";
