// The time step of one-time passwords (RFC 6238), which is the same for everybody.

/** How long a device shows one code, in milliseconds. */
export const STEP = 30_000;

/** Which step it is; the code changes with it. */
export const stepAt = (now: number): number => Math.floor(now / STEP);

/** Milliseconds for which the code of this moment is still shown. */
export const leftAt = (now: number): number => STEP - (now % STEP);
