import { cleanup } from '@testing-library/svelte';
import { afterEach, vi } from 'vitest';

vi.mock('@tauri-apps/api/core', async () => {
  const { tauri } = await import('./tauri');
  return { invoke: tauri.invoke };
});
vi.mock('@tauri-apps/api/event', async () => {
  const { tauri } = await import('./tauri');
  return {
    listen: (name: string, listener: (event: { payload: unknown }) => void) => {
      tauri.listeners.set(name, listener);
      return Promise.resolve(() => tauri.listeners.delete(name));
    },
  };
});

/** Nothing has a size here, and so none that changes. */
class Unchanging implements ResizeObserver {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
}
globalThis.ResizeObserver ??= Unchanging;

afterEach(cleanup);
