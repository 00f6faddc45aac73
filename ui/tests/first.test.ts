import { fireEvent, screen, within } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { identity, plan, role, state } from '../dev/fixtures';
import type { Action, Answer, ImportPlan } from '../src/lib/agent';
import { acted, answer, emit, sent, settle, start, type } from './popup';
import { tauri } from './tauri';

const FILES = { config: null, credentials: null, leapp: null, keychain: false };
const work = identity('work', { mfa: session() });

function session() {
  return { state: 'none' as const, started_at: null, expires_at: null };
}

/** Opens the first run with so much in AWS's files. */
async function finding(found: ImportPlan, from = state()): Promise<HTMLElement> {
  const container = await start(null);
  answer(answers(found));
  await emit('state', from);
  return container;
}

const answers =
  (found: ImportPlan) =>
  (action: Action): Promise<Answer> => {
    if (typeof action === 'object' && 'plan_import' in action) return Promise.resolve({ import_plan: found });
    if (typeof action === 'object' && 'import' in action) {
      return Promise.resolve({ imported: { identities: ['ada'], roles: 1, failed: [], still_plain: [] } });
    }
    return Promise.resolve(null);
  };

const step = (): string | undefined =>
  document.querySelector('[aria-current="step"]')?.textContent?.replace(/\s+/g, ' ').trim();

describe('what is in AWS’s files at the first start', () => {
  it('is looked for without a word, and without the keychain', async () => {
    await finding(plan(0));
    expect(sent()).toEqual([{ plan_import: FILES }]);
    expect(screen.queryByTestId('found-at-start')).toBeNull();
    expect(screen.getByText('Bring over what is on this computer')).toBeTruthy();
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('is no trouble where it cannot be read', async () => {
    await start(null);
    answer(() => Promise.reject(new Error('unreadable')));
    await emit('state', state());
    expect(screen.getByTestId('first-key')).toBeTruthy();
    expect(screen.queryByText('unreadable')).toBeNull();
  });

  it('comes over with one click, except for what needs agreement', async () => {
    await finding(plan(2));
    const card = screen.getByTestId('found-at-start');
    expect(card.textContent).toContain('ada old-laptop vaulted team-1 team-2');
    expect(card.textContent).toContain('1 role needs a look');
    await fireEvent.click(screen.getByText('Bring over 3 keys and 2 roles'));
    await settle();
    expect(acted().at(-1)).toEqual({ import: { from: FILES, only: [], agreed: false } });
    expect(screen.getByTestId('import-report').textContent).toContain('1 key and 1 role');
  });

  it('can be looked through first', async () => {
    await finding(plan(2));
    await fireEvent.click(screen.getByText('Look through it first'));
    await settle();
    expect(screen.getByTestId('import-plan')).toBeTruthy();
    expect(acted().some((action) => typeof action === 'object' && 'import' in (action as object))).toBe(false);
  });

  it('ends with the consoles of the roles that came, the first one focused whenever they come', async () => {
    const came = state({ identities: [work], roles: ['prod', 'test', 'dev', 'tools'].map((name) => role(name)) });
    for (const early of [true, false]) {
      await finding(plan(1));
      answer(async (action) => {
        if (early) await emit('state', came);
        return answers(plan(1))(action);
      });
      await fireEvent.click(screen.getByText('Bring over 3 keys and 1 role'));
      await settle();
      if (!early) await emit('state', came);
      await settle();
      const consoles = within(screen.getByTestId('imported-roles')).getAllByRole('button');
      expect(consoles.map((button) => button.getAttribute('aria-label'))).toEqual(
        ['prod', 'test', 'dev'].map((name) => `Open console as ${name}, account 111122223333, ready to open`),
      );
      expect(document.activeElement).toBe(consoles[0]);
      await fireEvent.click(consoles[0] as HTMLElement);
      expect(acted().at(-1)).toEqual({ open_console: { role: 'prod', destination: null, region: null } });
      await fireEvent.click(screen.getByText('Go to the roles'));
      expect(screen.getAllByTestId('role-list').length).toBe(1);
      document.body.replaceChildren();
    }
  });
});

describe('the guided way', () => {
  it('goes from key to role to the console', async () => {
    await finding(plan(0));
    expect(step()).toBe('1 Access key');
    await emit('state', state({ identities: [work] }));
    expect(step()).toBe('2 Role');
    await type('Role ARN', 'arn:aws:iam::111122223333:role/Admin');
    await fireEvent.submit(document.querySelector('#role-form') as HTMLFormElement);
    await settle();
    await emit('state', state({ identities: [work], roles: [role('Admin', { needs_code: true })] }));
    expect(step()).toBe('3 Console');
    const open = screen.getByLabelText('Open console as Admin, account 111122223333, needs a code');
    expect(document.activeElement).toBe(open);
    await fireEvent.click(open);
    expect(acted().at(-1)).toEqual({ open_console: { role: 'Admin', destination: null, region: null } });
    await fireEvent.click(screen.getByText('Go to the roles'));
    expect(screen.getByTestId('role-list')).toBeTruthy();
  });

  it('is over once there are more roles', async () => {
    await finding(plan(0), state({ identities: [work] }));
    await type('Role ARN', 'arn:aws:iam::111122223333:role/Admin');
    await fireEvent.submit(document.querySelector('#role-form') as HTMLFormElement);
    await settle();
    await emit('state', state({ identities: [work], roles: [role('Admin')] }));
    expect(screen.getByTestId('ready')).toBeTruthy();
    await emit('state', state({ identities: [work], roles: [role('Admin'), role('other')] }));
    expect(screen.getByTestId('role-list')).toBeTruthy();
  });

  it('has the policy of the roles that are named, to copy', async () => {
    const copied: string[] = [];
    Object.assign(navigator, {
      clipboard: { writeText: (text: string) => Promise.resolve(void copied.push(text)) },
    });
    await finding(plan(0));
    await type('ARNs of the roles', 'arn');
    expect(screen.queryByRole('alert')).toBeNull();
    await fireEvent.focusOut(screen.getByLabelText('ARNs of the roles'));
    expect(screen.getByRole('alert').textContent).toContain('arn:aws:iam');
    await type('ARNs of the roles', 'arn:aws:iam::111122223333:role/Ad');
    const shown = () => document.querySelector('#user-policy')?.textContent ?? '';
    expect(JSON.parse(shown()).Statement.length).toBe(2);
    await fireEvent.click(screen.getByLabelText('Daypass may show the key’s age and replace it'));
    expect(JSON.parse(shown()).Statement.length).toBe(1);
    await fireEvent.click(screen.getByLabelText('Copy the policy'));
    await settle();
    expect(copied).toEqual([shown()]);
    await type('ARNs of the roles', 'nonsense');
    expect(document.querySelector('#user-policy')).toBeNull();
    expect(tauri.invoke).not.toHaveBeenCalledWith('saw_secret', undefined);
  });

  it('says so where the clipboard takes nothing', async () => {
    Object.assign(navigator, { clipboard: { writeText: () => Promise.reject(new Error('no')) } });
    await finding(plan(0), state({ identities: [work] }));
    await type('Role ARN', 'arn:aws:iam::111122223333:role/Admin');
    expect(document.querySelector('#trust-policy')?.textContent).toContain('user/ada');
    await fireEvent.click(screen.getAllByLabelText('Copy the policy')[0] as HTMLElement);
    await settle();
    expect(screen.getByText(/could not be copied/)).toBeTruthy();
  });
});
