export {
  IsCidrList,
  IsHostList,
  IsHttpUrl,
  IsOriginList,
  IsSubjectList,
  Secret,
} from './decorators.js';
export { configTable, describeConfig } from './describe-config.js';
export { FlowConfig } from './flow-config.js';
export { FlowConfigModule } from './flow-config.module.js';
export {
  formerNamesSet,
  InvalidConfigError,
  loadConfig,
  misspeltNames,
  type Environment,
} from './load-config.js';
export { Describe, FormerName, type ConfigClass } from './variable.js';
