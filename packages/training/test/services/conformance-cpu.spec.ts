import { describeConformance } from '../conformance/describe-conformance';
import { TOLERANCES } from '../conformance/tolerances';

describeConformance('cpu', TOLERANCES.cpu, { isCompiling: true });
