/** Any function or method that gives a promise. */
export type AsyncFunction = (this: never, ...args: never[]) => Promise<unknown>;

/** An asynchronous function with a certain `this`. */
export type AsyncFunctionOf<Self> = (this: Self, ...args: never[]) => Promise<unknown>;

/** What a standard decorator is told of a method; see `ClassMethodDecoratorContext`. */
export interface MethodContext {
  readonly kind: 'method';
  readonly name: string | symbol;
}

/** A call of a wrapped function. */
export interface WrappedCall<Self> {
  /** What the function's `this` is. */
  readonly self: Self;
  readonly args: readonly unknown[];
  /** Calls the function itself. */
  readonly proceed: () => Promise<unknown>;
}

/**
 * Puts something around every call of a function. The function keeps its type (its `this`, its type parameters and its
 * overloads too), its name, its length and its properties.
 */
export function wrapCalls<Self, F extends AsyncFunctionOf<Self>>(
  original: F,
  around: (call: WrappedCall<Self>) => Promise<unknown>,
): F {
  return new Proxy(original, {
    apply: (target, self: Self, args: unknown[]): unknown =>
      around({
        self,
        args,
        proceed: async () => (await Reflect.apply(target, self, args)) as unknown,
      }),
  });
}
