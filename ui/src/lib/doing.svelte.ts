// One thing that was asked of the agent: whether it is under way, and what was wrong with it.

import { onDestroy } from 'svelte';

import { asProblem, type Problem } from './agent';

/** Made while a component is set up. A problem that comes after its end goes elsewhere. */
export class Doing {
  busy = $state(false);
  problem = $state.raw<Problem | null>(null);
  #ended = false;
  readonly #elsewhere: (thrown: unknown) => void;

  constructor(elsewhere: (thrown: unknown) => void) {
    this.#elsewhere = elsewhere;
    onDestroy(() => (this.#ended = true));
  }

  /** Does it, unless it is being done already; yields nothing where it did not work. */
  async run<T>(work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy) return undefined;
    this.busy = true;
    this.problem = null;
    try {
      return await work();
    } catch (thrown) {
      if (this.#ended) this.#elsewhere(thrown);
      else this.problem = asProblem(thrown);
      return undefined;
    } finally {
      this.busy = false;
    }
  }
}
