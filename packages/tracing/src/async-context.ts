import { context, createContextKey, ROOT_CONTEXT } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';

const PROBE = ROOT_CONTEXT.setValue(createContextKey('pixelis.tracing.probe'), true);

/**
 * Makes context follow asynchronous calls, by an async-local context manager, unless the process has a manager already
 * (an SDK's, say), which is left in place. Called when the first context is entered, so that importing the package
 * changes nothing.
 */
export function ensureAsyncContext(): void {
  // The API has no question "is there a manager?"; the one that stands in for none does not enter a context.
  const isManaged = context.with(PROBE, () => context.active() === PROBE);
  if (!isManaged) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}
