/**
 * A place outside this package that seeding takes over and gives back. Whoever took it over may give it back in any
 * order, and what others put there in the meantime is left alone.
 */
export class OverridableSlot<T> {
  readonly #read: () => T;
  readonly #write: (value: T) => void;
  readonly #layers: Layer<T>[] = [];

  constructor(read: () => T, write: (value: T) => void) {
    this.#read = read;
    this.#write = write;
  }

  get current(): T {
    return this.#read();
  }

  /** Puts `value` in the slot; the function returned undoes that, once. */
  override(value: T): () => void {
    const layer = { previous: this.#read(), installed: value };
    this.#write(value);
    this.#layers.push(layer);
    return () => this.#remove(layer);
  }

  #remove(layer: Layer<T>): void {
    const index = this.#layers.indexOf(layer);
    if (index === -1) return;
    this.#layers.splice(index, 1);
    const above = this.#layers[index];
    if (above === undefined) {
      if (this.#read() === layer.installed) this.#write(layer.previous);
    } else if (above.previous === layer.installed) {
      above.previous = layer.previous;
    }
  }
}

interface Layer<T> {
  previous: T;
  readonly installed: T;
}
