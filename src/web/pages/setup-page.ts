import { html } from 'hono/html'
import type { CreatedApp } from '../../github/convert-manifest.ts'
import type { ChecklistLine } from '../../readiness/checklist.ts'
import type { SetupDeps } from '../setup/setup-deps.ts'
import type { SetupWishes } from '../setup/setup-wishes.ts'
import { checklistPart } from './checklist-page.ts'
import { type Html, layout } from './layout.ts'
import { wishesForm } from './setup-form.ts'
import { journey } from './setup-journey.ts'

interface SetupPageData {
  readonly wishes: SetupWishes
  /** The manifest that goes to GitHub; undefined while something is missing. */
  readonly form: { readonly json: string; readonly target: string; readonly state: string } | undefined
  /** Address of this service in the reader's browser. */
  readonly base: string
  readonly checklist: { readonly lines: readonly ChecklistLine[]; readonly priceOfLooks: string }
  readonly setup: Pick<SetupDeps, 'port' | 'canStore' | 'webhookPath'>
}

/** The page on which a person creates the App of a service that has none. */
export function setupPage({ wishes, form, base, checklist, setup }: SetupPageData): Html {
  return frame({
    title: 'Setup',
    content: html`
    <h1>Set up Backspace</h1>
    <p class="lead">Create the GitHub App, install it on a repository, comment <code>/backspace</code> on an issue. This takes two minutes.</p>
    ${journey('create')}
    <section class="card" aria-labelledby="create">
      <h2 id="create">Create the GitHub App</h2>
      ${form ? createForm({ form, wishes, base }) : html`<p>GitHub tells this service about comments, so it needs an address at which it can reach the service over the internet.</p>`}
      ${
        form
          ? html`<details class="more"><summary>Change the name, the owner, the address or where the keys go</summary>${wishesForm(wishes, setup)}</details>`
          : wishesForm(wishes, setup)
      }
    </section>
    <section class="card" aria-labelledby="have">
      <h2 id="have">Or use what you have</h2>
      <p class="muted">An App: set <code>APP_ID</code>, <code>PRIVATE_KEY</code> and <code>WEBHOOK_SECRET</code>. A personal access token: set <code>GITHUB_PAT</code>, which is enough for <code>POST /code</code>. Then restart Backspace.</p>
    </section>
    ${checklistPart({ ...checklist, hasApp: false })}`,
  })
}

function createForm({
  form: { json, target, state },
  wishes: { name, organization, webhookUrl, keeping },
  base,
}: { readonly form: NonNullable<SetupPageData['form']> } & Pick<SetupPageData, 'wishes' | 'base'>): Html {
  const kept =
    keeping === 'stored'
      ? html`in <code>DATA_DIR</code>, readable by this user only`
      : 'shown to you once, for a secret store'
  return html`<p>GitHub shows you the App and asks you to confirm. Then you come back here.</p>
    <dl class="summary">
      <div><dt>Name</dt><dd>${name}</dd></div>
      <div><dt>Owner</dt><dd>${organization === '' ? 'your own account' : organization}</dd></div>
      <div><dt>Webhooks go to</dt><dd><code>${webhookUrl}</code></dd></div>
      <div><dt>You come back to</dt><dd><code>${base}</code></dd></div>
      <div><dt>Keys are</dt><dd>${kept}</dd></div>
    </dl>
    <form method="post" action="${target}?state=${state}">
      <input type="hidden" name="manifest" value="${json}">
      <button type="submit">Create the App on GitHub</button>
    </form>`
}

/** The form for the code that the terminal shows. */
export function setupCodePage({ problem }: { readonly problem: string | undefined }): Html {
  return frame({
    title: 'Setup',
    content: html`<section class="card narrow">
      <h1>Set up Backspace</h1>
      <p class="muted">Others can reach this service too, so enter the setup code. Backspace printed it where it was started: in the terminal, or in the output of the container.</p>
      <form method="post" action="/setup/code" class="stack">
        <label for="code">Setup code</label>
        <input id="code" name="code" class="code" required autofocus autocomplete="off" autocapitalize="characters" spellcheck="false"
          maxlength="40"${problem ? html` aria-invalid="true" aria-describedby="problem"` : ''}>
        ${problem ? html`<p id="problem" class="problem" role="alert">${problem}</p>` : ''}
        <button type="submit">Continue</button>
      </form>
    </section>`,
  })
}

/** The credentials of a new App, for a secret store. They are shown only once. @param problem why they were not stored. */
export function credentialsPage(app: CreatedApp, problem?: string): Html {
  return frame({
    title: 'Keys of the App',
    content: html`
    <h1>${app.name} has been created</h1>
    <p class="lead">Copy these settings into your secret store now. This page shows them once, and neither Backspace nor GitHub keeps the private key anywhere else.</p>
    ${problem === undefined ? '' : html`<p class="problem" role="alert">${problem}</p>`}
    <section class="card" aria-labelledby="keys">
      <h2 id="keys">Settings</h2>
      <pre class="block keys" tabindex="0" aria-label="Settings to copy"><code>${environmentOf(app)}</code></pre>
      <ol class="steps">
        <li>Set them for every process of Backspace, and restart the processes.</li>
        <li><a href="${app.installUrl}" rel="noopener">Install the App</a> on your repositories.</li>
        <li>Run <code>npm run doctor</code>, which tries every part.</li>
      </ol>
    </section>`,
  })
}

/** The settings as `.env` files and secret stores accept them, one line each. */
function environmentOf({
  id,
  privateKey,
  webhookSecret,
  clientId,
  clientSecret,
  owner,
  ownerType,
}: CreatedApp): string {
  const lines = [
    `APP_ID=${id}`,
    `PRIVATE_KEY=${Buffer.from(privateKey).toString('base64')}`,
    `WEBHOOK_SECRET=${webhookSecret}`,
    `GITHUB_CLIENT_ID=${clientId}`,
    `GITHUB_CLIENT_SECRET=${clientSecret}`,
  ]
  return [...lines, ...(ownerType === 'User' && owner !== undefined ? [`OPERATORS=${owner}`] : [])].join('\n')
}

/** The frame of these pages. */
function frame({ title, content }: { readonly title: string; readonly content: Html }): Html {
  return layout({
    title,
    here: '/setup',
    styles: ['setup.css'],
    content: html`<div class="setup">${content}</div>`,
  })
}
