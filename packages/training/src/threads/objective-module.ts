/**
 * Where a worker thread finds the objective, since functions cannot be sent to it: a module that exports a function which
 * makes the objective from its options. What it makes must depend on the options alone, and its loss on the parameters and
 * the shard: a loss that draws random numbers would differ with the number of threads.
 */
export interface ObjectiveModule {
  /** Absolute path of a compiled module, such as `workerEntry(__filename, 'my-objective')` of `@pixelis/core` gives. */
  readonly path: string;
  /** The exported function; it is called with `options`. */
  readonly factory: string;
  /** Plain data, as can be sent to a thread. */
  readonly options: unknown;
}
