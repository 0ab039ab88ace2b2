import { html } from 'hono/html'
import type { Html } from './layout.ts'

/** The steps of the setup, with the step that the reader is at. */
export function journey(now: 'create' | 'install' | 'run' | 'done'): Html {
  const steps = [
    ['create', 'Create the App'],
    ['install', 'Install it'],
    ['run', 'First run'],
  ] as const
  const at = now === 'done' ? steps.length : steps.findIndex(([id]) => id === now)
  return html`<ol class="journey" aria-label="Steps of the setup">${steps.map(
    (
      [, name],
      index,
    ) => html`<li class="${index < at ? 'past' : index === at ? 'now' : 'next'}"${index === at ? html` aria-current="step"` : ''}>
      <span class="sign" aria-hidden="true">${index < at ? '✓' : index + 1}</span>${name}${index < at ? html`<span class="sr">, done</span>` : ''}</li>`,
  )}</ol>`
}
