import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { ParameterArena } from '@pixelis/kernels';
import { loadWasmBackend } from '../backends/wasm-backend';
import { arenaLayout } from './arena-layout';
import { ArenaThread } from './arena-thread';
import { loadObjective } from './load-objective';
import { ParameterReplica } from './parameter-replica';
import { packError } from './sent-error';
import {
  isThreadData,
  type ThreadData,
  type ThreadReply,
  type ThreadTask,
} from './thread-messages';

/** Entry of a training thread: does its part of the steps that it is sent, one after another. */
async function serve(port: MessagePort, data: ThreadData): Promise<void> {
  const reply = (message: ThreadReply): void => port.postMessage(message);
  try {
    await loadWasmBackend();
    const { specs } = data;
    const arena = new ParameterArena(data.arena, data.thread);
    const layout = arenaLayout(specs);
    const replica = new ParameterReplica(layout, arena.parameters);
    const objective = await loadObjective(data.objective);
    const thread = new ArenaThread({ arena, specs, layout, objective, replica });
    port.on('message', (task: ThreadTask) => {
      try {
        reply({ type: 'done', outcome: thread.step(task) });
        // While the main thread works on what it was told.
        replica.refresh();
      } catch (thrown) {
        reply({ type: 'error', error: packError(thrown) });
      }
    });
  } catch (thrown) {
    reply({ type: 'error', error: packError(thrown) });
  }
}

if (parentPort !== null && isThreadData(workerData)) void serve(parentPort, workerData);
