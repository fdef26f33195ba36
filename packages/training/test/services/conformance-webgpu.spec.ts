import { describeConformance } from '../conformance/describe-conformance';
import { TOLERANCES } from '../conformance/tolerances';

// On the machine's GPU, or on a software device where `npm run test:services` names one by VK_DRIVER_FILES.
describeConformance('webgpu', TOLERANCES.webgpu);
