import { join } from 'node:path';
import { resolveRunId } from '@pixelis/artifacts';

/** The folder of a run that is named by its id, the beginning of one, `latest`, or the path of the folder itself. */
export function runFolder(root: string, run: string): string {
  return /[/\\]/.test(run) ? run : join(root, 'runs', resolveRunId(root, run));
}
