// Two ways to do the same: with the keyboard alone, and with nothing but roles and names, as an
// assistive technology has them. A flow is written once and done both ways.

import { expect, type Locator, type Page } from '@playwright/test';

import { Popup, type Query, test } from './popup';

type Role = Parameters<Page['getByRole']>[0];

export interface Person {
  /** Presses a button, a menu's line or a radio button. */
  press: (role: Role, name: string) => Promise<void>;
  /** Shows what is folded away. */
  unfold: (name: string) => Promise<void>;
  /** Ticks a box, or takes its tick away. */
  tick: (name: string) => Promise<void>;
  /** Turns a switch on or off. */
  toggle: (name: string) => Promise<void>;
  write: (role: Role, name: string, text: string) => Promise<void>;
  /** Chooses from a list that drops down. */
  choose: (name: string, option: string) => Promise<void>;
}

const named = (page: Page, role: Role, name: string): Locator =>
  page.getByRole(role, { name, exact: true });

/** A disclosure triangle, a role that Playwright has no word for. */
const headOf = (page: Page, name: string): Locator =>
  page.locator('summary').filter({ has: page.getByText(name, { exact: true }) });

/** What an assistive technology does, wherever the thing is on the screen. */
const activate = (wanted: Locator): Promise<void> =>
  wanted.evaluate((element: HTMLElement) => {
    element.focus();
    element.click();
  });

class Listener implements Person {
  constructor(private readonly page: Page) {}

  async press(role: Role, name: string): Promise<void> {
    const wanted = named(this.page, role, name);
    await expect(wanted).toBeEnabled();
    await activate(wanted);
  }

  async unfold(name: string): Promise<void> {
    await activate(headOf(this.page, name));
  }

  async tick(name: string): Promise<void> {
    await this.press('checkbox', name);
  }

  async toggle(name: string): Promise<void> {
    await this.press('switch', name);
  }

  async write(role: Role, name: string, text: string): Promise<void> {
    await named(this.page, role, name).fill(text);
  }

  async choose(name: string, option: string): Promise<void> {
    await named(this.page, 'combobox', name).selectOption({ label: option });
  }
}

/** Roles that are gone through by arrows; all others are stops of their own. */
const ARROWS: Partial<Record<Role, string>> = {
  menuitem: 'ArrowDown',
  menuitemcheckbox: 'ArrowDown',
  option: 'ArrowDown',
  radio: 'ArrowRight',
};

/** More stops than any screen of a flow has. */
const STOPS = 80;

const isInRow = (wanted: Locator): Promise<boolean> =>
  wanted.evaluate((element) => element.closest('[role="row"]') !== null);

class Typist implements Person {
  constructor(private readonly page: Page) {}

  /** Moves the focus until it is on something. */
  private async reach(role: Role, name: string): Promise<void> {
    const wanted = named(this.page, role, name);
    await expect(wanted).toBeAttached();
    if (await isInRow(wanted)) return this.reachRow(wanted);
    if (role === 'radio') await this.reachGroup(wanted);
    await this.walk(wanted, ARROWS[role]);
  }

  private async walk(wanted: Locator, arrow?: string): Promise<void> {
    const key = arrow ?? (await this.way(wanted));
    for (let stop = 0; stop < STOPS; stop += 1) {
      if (await wanted.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press(key);
    }
    throw new Error(`the keyboard does not reach ${wanted}`);
  }

  /** A row of the list has the focus in no other way than that the search field points at it. */
  private async reachRow(wanted: Locator): Promise<void> {
    await this.reach('combobox', 'Find a role');
    await this.page.keyboard.press('Home');
    for (let stop = 0; stop < STOPS; stop += 1) {
      const pointed = await wanted.evaluate((element) => {
        const id = document.activeElement?.getAttribute('aria-activedescendant') ?? '';
        return element.closest('[role="row"]')?.contains(document.getElementById(id)) === true;
      });
      if (pointed) return;
      await this.page.keyboard.press('ArrowDown');
    }
    throw new Error('the keyboard does not reach the row');
  }

  /** The one stop that a group of radio buttons has. */
  private async reachGroup(radio: Locator): Promise<void> {
    for (let stop = 0; stop < STOPS; stop += 1) {
      const inside = await radio.evaluate(
        (one) => (document.activeElement as HTMLInputElement | null)?.name === (one as HTMLInputElement).name,
      );
      if (inside) return;
      await this.page.keyboard.press(await this.way(radio));
    }
  }

  /** Forwards or back, by where it stands. */
  private way(wanted: Locator): Promise<string> {
    return wanted.evaluate((element) => {
      const active = document.activeElement ?? document.body;
      const before = active.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_PRECEDING;
      return before === 0 ? 'Tab' : 'Shift+Tab';
    });
  }

  async press(role: Role, name: string): Promise<void> {
    await this.reach(role, name);
    // The arrow has chosen a radio button already.
    if (role === 'radio') return;
    const wanted = named(this.page, role, name);
    const opensMenu = (await isInRow(wanted)) && (await wanted.getAttribute('aria-haspopup')) === 'menu';
    await this.page.keyboard.press(opensMenu ? 'Control+Enter' : 'Enter');
  }

  async unfold(name: string): Promise<void> {
    await this.walk(headOf(this.page, name));
    await this.page.keyboard.press('Enter');
  }

  async tick(name: string): Promise<void> {
    await this.reach('checkbox', name);
    await this.page.keyboard.press('Space');
  }

  async toggle(name: string): Promise<void> {
    await this.reach('switch', name);
    await this.page.keyboard.press('Space');
  }

  async write(role: Role, name: string, text: string): Promise<void> {
    await this.reach(role, name);
    await this.page.keyboard.press('ControlOrMeta+a');
    await this.page.keyboard.type(text);
  }

  async choose(name: string, option: string): Promise<void> {
    await this.reach('combobox', name);
    await this.page.keyboard.type(option);
  }
}

/** Waits until a live region says it. */
export async function told(page: Page, what: string | RegExp): Promise<void> {
  await expect(page.getByRole('status').or(page.getByRole('alert')).filter({ hasText: what }).first()).toBeAttached();
}

/** A role's menu, and behind it other lines. */
export async function fromMenu(person: Person, role: string, ...lines: string[]): Promise<void> {
  await person.press('button', `More for ${role}`);
  for (const line of lines) await person.press('menuitem', line);
}

type Steps = (person: Person, popup: Popup, page: Page) => Promise<void>;

/** A thing that people do, done in both ways. */
export function flow(title: string, query: Query | string, steps: Steps): void {
  const ways = { 'by keyboard alone': Typist, 'by roles and names alone': Listener };
  for (const [way, Way] of Object.entries(ways)) {
    test(`${title}, ${way}`, async ({ popup, page }) => {
      await popup.open(query);
      await steps(new Way(page), popup, page);
    });
  }
}
