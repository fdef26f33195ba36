import { takeGeneratorFromParent } from './seeded-worker';
import { seedThread } from './thread';

const generator = takeGeneratorFromParent();
if (generator !== undefined) seedThread(generator);
