import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { seedWorker } from '@pixelis/reproducibility';
import type { Dataset } from './dataset';
import { createDataset } from './dataset-registry';
import {
  isLoaderWorkerData,
  type LoaderMessage,
  type LoaderReply,
  type LoaderWorkerData,
  packError,
} from './loader-messages';
import { transferableBuffers } from './transferable-buffers';

/** Entry of a loader's worker thread: builds the batches that it is asked for, one after another. */
async function serve(requests: MessagePort, data: LoaderWorkerData): Promise<void> {
  seedWorker(data.workerId, data.seedOptions);
  if (data.module !== undefined) {
    await import(isAbsolute(data.module) ? pathToFileURL(data.module).href : data.module);
  }
  const { replies } = data;
  let { options } = data;
  let dataset = tryDataset(data);
  requests.on('message', (message: LoaderMessage) => {
    if (message.type === 'configure') {
      options = message.options;
      dataset = undefined;
      return;
    }
    const { ticket, request } = message;
    try {
      dataset ??= createDataset(data.name, options);
      const pieces = dataset.batch(request);
      const reply: LoaderReply = { type: 'batch', ticket, pieces };
      replies.postMessage(reply, transferableBuffers(pieces));
    } catch (thrown) {
      const reply: LoaderReply = { type: 'error', ticket, error: packError(thrown) };
      replies.postMessage(reply);
    }
  });
}

/** Reads the files before the first batch is asked for; whoever asks for it is told what is wrong with them. */
function tryDataset({ name, options }: LoaderWorkerData): Dataset<unknown> | undefined {
  try {
    return createDataset(name, options);
  } catch {
    return undefined;
  }
}

if (parentPort !== null && isLoaderWorkerData(workerData)) void serve(parentPort, workerData);
