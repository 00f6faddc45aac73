// What the popup is given in place of Tauri.

import { vi } from 'vitest';

export const tauri = {
  invoke: vi.fn<(command: string, given?: unknown) => Promise<unknown>>(),
  listeners: new Map<string, (event: { payload: unknown }) => void>(),
};
