import { fireEvent, screen } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';

import { fixtures, plan, prompt, rejected } from '../dev/fixtures';
import type { NewRole, StateView } from '../src/lib/agent';
import { answer, choose, emit, field, press, settle, start, type } from './popup';
import { tauri } from './tauri';

const few = fixtures['few'] as StateView;
const told = () => screen.getByTestId('told').textContent?.trim();
const add = async (what: string) => {
  await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
  await fireEvent.click(screen.getByRole('menuitem', { name: what }));
  await settle();
};

// No secret is typed in this file: that makes Escape ask first, for as long as the process lives.
describe('what is unfinished', () => {
  it.each(['Add a role', 'Add an access key', 'Bring over from this computer'])(
    'keeps nobody on “%s” where nothing is typed',
    async (what) => {
      await start(few);
      await add(what);
      await press('Escape');
      expect(field()).toBeTruthy();
      expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
    },
  );

  it('is no code that is asked for above a form', async () => {
    await start(few);
    await add('Add a role');
    await emit('state', { ...few, prompt: prompt() });
    const code = () => screen.getByLabelText<HTMLInputElement>('Six-digit code');
    await type('Six-digit code', '12');
    expect(document.activeElement).toBe(code());
    await press('Escape');
    expect(code().value).toBe('');
    expect(screen.getByTestId('add-role-page')).toBeTruthy();
    // It goes wherever the page goes.
    await type('Six-digit code', '34');
    screen.getByLabelText('Name').focus();
    await press('Escape');
    expect(field()).toBeTruthy();
    expect(code().value).toBe('34');
    expect(tauri.invoke).not.toHaveBeenCalledWith('hide');
  });

  it('is gone on with by who cancels a code above it', async () => {
    await start(few);
    await add('Add a role');
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
    await emit('state', { ...few, prompt: prompt() });
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await emit('state', few);
    expect(document.activeElement).toBe(screen.getByLabelText('Name'));
  });

  it('is left by who cancels a code, to go on in the list', async () => {
    await start({ ...few, prompt: prompt() });
    screen.getByRole('button', { name: 'Cancel' }).focus();
    await fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
    await emit('state', few);
    expect(document.activeElement).toBe(field());
  });

  it.each([
    ['Add a role', 'Name', 'prod'],
    ['Add an access key', 'Profile', 'sso'],
  ])('stays on “%s” while the window is hidden: %s', async (what, label, text) => {
    await start(few);
    await add(what);
    const labelled = () => screen.getAllByLabelText<HTMLInputElement>(new RegExp(`^${label}`))[0] as HTMLInputElement;
    await fireEvent.input(labelled(), { target: { value: text } });
    await press('Escape');
    expect(labelled().value).toBe(text);
    expect(tauri.invoke).toHaveBeenCalledWith('hide');
  });

  it('is an import that is under way', async () => {
    await start(fixtures['one'] ?? null);
    answer((action) =>
      typeof action === 'object' && 'plan_import' in action
        ? Promise.resolve({ import_plan: plan(3) })
        : new Promise(() => {}),
    );
    await fireEvent.click(screen.getByRole('button', { name: 'Add' }));
    await fireEvent.click(screen.getByRole('menuitem', { name: 'Bring over from this computer' }));
    await settle();
    await fireEvent.click(document.getElementById('import') as HTMLElement);
    await press('Escape');
    expect(document.getElementById('import')).toBeTruthy();
    expect(tauri.invoke).toHaveBeenCalledWith('hide');
  });

  it('is no longer lost with a click on another page but after a word', async () => {
    const arn = 'arn:aws:iam::111122223333:role/Admin';
    const edited: NewRole = { name: 'prod-admin', identity: 'work', arn, session: 'daily' };
    await start(few);
    answer(() => Promise.resolve({ role: { role: edited, policies: { Err: rejected } } }));
    await choose('prod-admin', 'More', 'Edit…');
    const region = () => screen.queryByLabelText<HTMLInputElement>('Region');
    const settings = () => fireEvent.click(screen.getByRole('button', { name: 'Settings' }));
    await type('Region', 'eu-west-1');
    await settings();
    expect(told()).toBe('Once more throws away what was typed.');
    expect(region()?.value).toBe('eu-west-1');
    // Who types on has not agreed to that.
    await type('Region', 'eu-west-2');
    await settings();
    expect(region()?.value).toBe('eu-west-2');
    await settings();
    expect(region()).toBeNull();
    expect(screen.getByRole('heading', { name: 'Settings' })).toBeTruthy();
  });

  it('is asked about anew with Escape once more was typed', async () => {
    const arn = 'arn:aws:iam::111122223333:role/Admin';
    const edited: NewRole = { name: 'prod-admin', identity: 'work', arn, session: 'daily' };
    await start(few);
    answer(() => Promise.resolve({ role: { role: edited, policies: { Err: rejected } } }));
    await choose('prod-admin', 'More', 'Edit…');
    await type('Region', 'eu-west-1');
    await press('Escape');
    await type('Region', 'eu-west-2');
    await press('Escape');
    expect(screen.getByLabelText<HTMLInputElement>('Region').value).toBe('eu-west-2');
    // As it was at first, nothing is lost.
    await type('Region', '');
    await press('Escape');
    expect(document.activeElement).toBe(field());
  });
});
