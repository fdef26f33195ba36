/** What is used of the buffers that tfjs's WebGPU backend keeps. */
interface BufferKeeper {
  acquireBuffer: (bytes: number, ...rest: unknown[]) => unknown;
  readonly freeBuffers: Map<string, { readonly size: number; destroy(): void }[]>;
  numFreeBuffers: number;
  readonly numBytesUsed: number;
  numBytesAllocated: number;
}

/** Times the most that was ever in use at once: so much may be allocated. */
const SHARE = 2;
/** Allocated whatever is in use: small programs never wait for an allocation. */
const ALWAYS_BYTES = 64 * 2 ** 20;

/**
 * Bounds what a WebGPU backend of tfjs holds by twice the most that it ever used at once. It keeps every buffer that a
 * tensor left, for the next tensor of the same size; sequences of another length in each batch would fill the GPU with
 * buffers of sizes that come no more.
 *
 * @param manager `backend.bufferManager`; one that is made otherwise is left as it is.
 */
export function boundUnusedBuffers(manager: unknown): void {
  if (!isBufferKeeper(manager)) return;
  let mostUsed = 0;
  const acquire = manager.acquireBuffer.bind(manager);
  manager.acquireBuffer = (bytes, ...rest) => {
    mostUsed = Math.max(mostUsed, manager.numBytesUsed + bytes);
    if (manager.numBytesAllocated + bytes > SHARE * mostUsed + ALWAYS_BYTES) {
      destroyUnused(manager);
    }
    return acquire(bytes, ...rest);
  };
}

/** No command that is still to be sent uses these: what commands use is freed after they were sent. */
function destroyUnused(manager: BufferKeeper): void {
  for (const buffers of manager.freeBuffers.values()) {
    for (const buffer of buffers.splice(0)) {
      manager.numBytesAllocated -= buffer.size;
      manager.numFreeBuffers--;
      buffer.destroy();
    }
  }
}

function isBufferKeeper(manager: unknown): manager is BufferKeeper {
  return (
    typeof manager === 'object' &&
    manager !== null &&
    'acquireBuffer' in manager &&
    'freeBuffers' in manager &&
    manager.freeBuffers instanceof Map &&
    'numFreeBuffers' in manager &&
    'numBytesUsed' in manager &&
    'numBytesAllocated' in manager
  );
}
