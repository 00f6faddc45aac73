// The mocked page in a browser that reaches nothing but it, under the policy of the real window.

import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

import { test as base, type Page } from '@playwright/test';

import { NOW } from '../dev/fixtures';
import type { Action, Show, StateView } from '../src/lib/agent';
import { MOCKED } from './build';

const CONF = new URL('../../tauri.conf.json', import.meta.url);
const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
};

/** Set-up installs them (`fonts-dejavu-core`), so that letters are the same on every machine. */
const FONTS = { '--sans': 'DejaVu Sans', '--mono': 'DejaVu Sans Mono' };

/** What `dev/mock.ts` takes in its address. */
export interface Query {
  fixture: string;
  language?: string;
  entries?: number;
  found?: number;
}

interface Mock {
  mock: {
    emit: (event: string, payload: unknown) => void;
    change: (over: Partial<StateView>) => void;
  };
}

export class Popup {
  /** What was asked of the agent, in order. */
  readonly acted: Action[] = [];
  /** The same without what a screen looks up to be shown. */
  get asked(): Action[] {
    const LOOKS = ['browsers', 'plan_import', 'journal'];
    return this.acted.filter((action) => !LOOKS.includes(typeof action === 'string' ? action : (Object.keys(action)[0] ?? '')));
  }
  /** How often the window was to be hidden. */
  hidden = 0;
  /** What went wrong in the page, or was requested from elsewhere. */
  readonly faults: string[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      const [name = '', rest = ''] = message.text().split(/ (.*)/s);
      if (name === 'act') this.acted.push(JSON.parse(rest) as Action);
      else if (name === 'hide') this.hidden += 1;
      else if (message.type() === 'error') this.faults.push(message.text());
    });
  }

  /** Serves the page, and nothing else. */
  async serve(origin: string): Promise<void> {
    const { app } = JSON.parse(await readFile(CONF, 'utf8')) as {
      app: { security: { csp: string } };
    };
    await this.page.context().route('**/*', async (route) => {
      const url = new URL(route.request().url());
      if (url.origin !== origin) {
        this.faults.push(`request to ${url.href}`);
        return route.abort();
      }
      const body = await readFile(join(MOCKED, url.pathname)).catch(() => null);
      if (body === null) return route.fulfill({ status: 404 });
      const headers = {
        'content-type': TYPES[extname(url.pathname)] ?? 'application/octet-stream',
        'content-security-policy': app.security.csp,
      };
      return route.fulfill({ body, headers });
    });
  }

  async open(query: Query | string): Promise<void> {
    const given = typeof query === 'string' ? { fixture: query } : query;
    const search = new URLSearchParams(Object.entries(given).map(([key, value]) => [key, String(value)]));
    await this.page.goto(`/dev/index.html?${search.toString()}`);
    await this.page.locator('.app').waitFor();
    await this.page.evaluate((fonts) => {
      const { style } = document.documentElement;
      for (const [name, font] of Object.entries(fonts)) style.setProperty(name, `'${font}'`);
    }, FONTS);
    if (given.fixture === 'connecting') return;
    await this.page.locator('[data-view="connecting"]').waitFor({ state: 'detached' });
  }

  /** The same state at the same moment, for as long as the test does not move the clock. */
  async openAt(query: Query | string): Promise<void> {
    await this.page.clock.install({ time: NOW - 1000 });
    await this.page.clock.pauseAt(NOW);
    await this.open(query);
  }

  async change(over: Partial<StateView>): Promise<void> {
    await this.page.evaluate((changed) => (window as unknown as Mock).mock.change(changed), over);
  }

  async show(what: Show): Promise<void> {
    await this.page.evaluate((shown) => (window as unknown as Mock).mock.emit('show', shown), what);
  }
}

export const test = base.extend<{ popup: Popup }>({
  popup: async ({ page, baseURL }, use) => {
    const popup = new Popup(page);
    await popup.serve(baseURL ?? '');
    await use(popup);
    test.expect(popup.faults, 'what went wrong in the page').toEqual([]);
  },
});

export { expect } from '@playwright/test';
