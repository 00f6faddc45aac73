// One setting: what is set, what is being typed in its place, and what became of it.

import { onDestroy } from 'svelte';

import { asProblem, type Problem } from './agent';

/** How long it says that it was saved, in milliseconds. */
const SAID = 4000;

const same = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** Made while a component is set up. */
export class Setting<T> {
  saved = $state(false);
  problem = $state.raw<Problem | null>(null);
  #typed = $state.raw<{ value: T } | null>(null);
  /** What was taken, until the state tells of it. */
  #taken = $state.raw<{ value: T; before: T } | null>(null);
  /** What was refused last. */
  #refused: T | undefined;
  #sending = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #current: () => T;
  readonly #send: (value: T) => Promise<unknown>;

  constructor(current: () => T, send: (value: T) => Promise<unknown>) {
    this.#current = current;
    this.#send = send;
    $effect(() => {
      if (this.#taken !== null && !same(current(), this.#taken.before)) this.#taken = null;
    });
    onDestroy(() => clearTimeout(this.#timer));
  }

  /** What its control shows. */
  get value(): T {
    return (this.#typed ?? this.#taken)?.value ?? this.#current();
  }

  /** What is set. */
  get current(): T {
    return this.#current();
  }

  /** Holds what is being typed, which nothing from outside takes away. */
  type(value: T): void {
    this.#typed = { value };
    this.saved = false;
  }

  /** Goes back to what is set. */
  drop(): void {
    this.#typed = null;
    this.problem = null;
  }

  /** Whether something was typed that is not set. */
  get typed(): boolean {
    return this.#typed !== null;
  }

  /** Sends what was typed. Where it is refused, it stays in its field. */
  async commit(): Promise<void> {
    if (this.#sending) {
      this.#again = true;
      return;
    }
    if (this.#typed === null) return;
    const { value } = this.#typed;
    const before = this.#current();
    if (same(value, this.#taken === null ? before : this.#taken.value)) {
      this.drop();
      return;
    }
    this.#sending = true;
    this.problem = null;
    try {
      await this.#send(value);
      if (this.#typed?.value === value) this.#typed = null;
      this.#taken = same(this.#current(), before) ? { value, before } : null;
      this.#say();
    } catch (thrown) {
      this.problem = asProblem(thrown);
      this.#refused = value;
    } finally {
      this.#sending = false;
    }
    // Enter tells twice of the same.
    const other = this.#again && this.#typed !== null && !same(this.#typed.value, value);
    this.#again = false;
    if (other) await this.commit();
  }

  /** Sends what was typed when its field is left, but not again what was refused. */
  async leave(): Promise<void> {
    if (this.problem !== null && same(this.#typed?.value, this.#refused)) return;
    await this.commit();
  }

  /** Sends a choice. Where it is refused, what is set shows again. */
  async choose(value: T): Promise<void> {
    this.type(value);
    await this.commit();
    if (this.problem !== null) this.#typed = null;
  }

  #say(): void {
    this.saved = true;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.saved = false), SAID);
  }
}
