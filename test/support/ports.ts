/** A port for what is started at a place that is told beforehand, or stopped and started again there. */
export { freePort } from '../../examples/common/ports.js';
