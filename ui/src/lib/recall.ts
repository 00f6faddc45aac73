// What was chosen last, for as long as this window's page lives.

const choices = new Map<string, string>();

export function recall(question: string): string | undefined {
  return choices.get(question);
}

export function remember(question: string, choice: string): void {
  choices.set(question, choice);
}
