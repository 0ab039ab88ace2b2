import { html } from 'hono/html'
import type { SetupDeps } from '../setup/setup-deps.ts'
import type { SetupWishes } from '../setup/setup-wishes.ts'
import type { Html } from './layout.ts'

/** The form for what a person may choose before the App is created. Submitting it draws the page again with the choices. */
export function wishesForm(
  { name, organization, webhook, keeping, problems }: SetupWishes,
  { port, canStore, webhookPath }: Pick<SetupDeps, 'port' | 'canStore' | 'webhookPath'>,
): Html {
  return html`<form method="get" action="/setup" class="wishes">
      ${field({
        id: 'webhook',
        label: 'Address that GitHub can reach',
        value: webhook,
        problem: problems.webhook,
        hint: html`If you set <code>PUBLIC_URL</code>, Backspace uses that address. It adds the path <code>${webhookPath}</code>.`,
        more: html` type="text" inputmode="url" placeholder="https://backspace.example.org" required`,
      })}
      ${tunnels(port(), webhookPath)}
      ${field({
        id: 'organization',
        label: 'Organization that owns the App',
        value: organization,
        problem: problems.organization,
        hint: 'Leave it empty for your own account. A private App can only be installed on its owner.',
        more: html` type="text" placeholder="your own account"`,
      })}
      ${field({
        id: 'name',
        label: 'Name',
        value: name,
        problem: problems.name,
        hint: 'The name must be unique on GitHub. Comments come from this name, followed by [bot].',
        more: html` type="text" maxlength="34" required`,
      })}
      <fieldset><legend>Keys of the App</legend>
        ${choice({ value: 'stored', keeping, isPossible: canStore, text: 'Keep them here, in DATA_DIR, and use the App at once' })}
        ${choice({ value: 'shown', keeping, isPossible: true, text: 'Show them to me once, for a secret store' })}
        ${canStore ? '' : html`<p class="hint">With several processes, or a database elsewhere, the keys must be in the settings of every process.</p>`}
      </fieldset>
      <button type="submit">Continue</button>
    </form>`
}

interface Field {
  readonly id: string
  readonly label: string
  readonly value: string
  readonly problem: string | undefined
  readonly hint: Html | string
  readonly more: Html
}

function field({ id, label, value, problem, hint, more }: Field): Html {
  const described = problem === undefined ? `${id}-hint` : `${id}-problem ${id}-hint`
  return html`<p class="field"><label for="${id}">${label}</label>
    <input id="${id}" name="${id}" value="${value}" autocomplete="off" spellcheck="false" aria-describedby="${described}"${more}${problem === undefined ? '' : html` aria-invalid="true"`}>
    ${problem === undefined ? '' : html`<span id="${id}-problem" class="problem" role="alert">${problem}</span>`}
    <span id="${id}-hint" class="hint">${hint}</span></p>`
}

function choice({
  value,
  keeping,
  isPossible,
  text,
}: {
  readonly value: SetupWishes['keeping']
  readonly keeping: SetupWishes['keeping']
  readonly isPossible: boolean
  readonly text: string
}): Html {
  return html`<label class="choice"><input type="radio" name="keeping" value="${value}"${value === keeping ? html` checked` : ''}${isPossible ? '' : html` disabled`}> ${text}</label>`
}

/** How to get an address for a laptop, which GitHub cannot reach. */
function tunnels(port: number, webhookPath: string): Html {
  const ways = [
    [
      'cloudflared',
      `cloudflared tunnel --url http://127.0.0.1:${port}`,
      'It prints an address at trycloudflare.com.',
    ],
    ['ngrok', `ngrok http ${port}`, 'It shows the address as “Forwarding”.'],
    [
      'smee',
      `npx smee-client --url https://smee.io/YOUR-CHANNEL --target http://127.0.0.1:${port}${webhookPath}`,
      'Get a channel at smee.io/new, and enter its address above.',
    ],
  ] as const
  return html`<details class="more" id="tunnels"><summary>How do I get an address for a laptop?</summary>
    <p>Start a tunnel in another terminal, and enter the address that the tunnel shows in the field above. Through it, Backspace accepts only signed webhooks; pages stay closed.</p>
    <dl class="tunnels">${ways.map(
      ([name, command, what]) =>
        html`<div><dt>${name}</dt><dd><pre class="block" tabindex="0"><code>${command}</code></pre><p class="hint">${what}</p></dd></div>`,
    )}</dl></details>`
}
