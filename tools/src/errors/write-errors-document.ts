import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WORKSPACE_ROOT } from '../workspace';
import { errorsDocument } from './errors-document';
import { errorsOfWorkspace } from './error-sources';

writeFileSync(join(WORKSPACE_ROOT, 'docs/errors.md'), errorsDocument(errorsOfWorkspace().errors));
