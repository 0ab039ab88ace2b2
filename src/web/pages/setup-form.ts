import { html } from 'hono/html'
import type { SetupDeps } from '../setup/setup-deps.ts'
import type { SetupWishes } from '../setup/setup-wishes.ts'
import type { Html } from './layout.ts'

/** What a person may choose before the App is created. The page is drawn again with it. */
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
        hint: html`With <code>PUBLIC_URL</code> set it is known. The path <code>${webhookPath}</code> is added.`,
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
        hint: 'No other App on GitHub may have it. Comments come from this name with [bot] behind it.',
        more: html` type="text" maxlength="34" required`,
      })}
      <fieldset><legend>Keys of the App</legend>
        ${choice({ value: 'stored', keeping, isPossible: canStore, text: 'Keep them here, in DATA_DIR, and go on at once' })}
        ${choice({ value: 'shown', keeping, isPossible: true, text: 'Show them to me once, for a secret store' })}
        ${canStore ? '' : html`<p class="hint">Several processes or a database elsewhere need the keys in their settings.</p>`}
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

/** For laptops, which GitHub cannot reach. */
function tunnels(port: number, webhookPath: string): Html {
  const ways = [
    [
      'cloudflared',
      `cloudflared tunnel --url http://127.0.0.1:${port}`,
      'It prints an address of trycloudflare.com.',
    ],
    ['ngrok', `ngrok http ${port}`, 'It shows the address as “Forwarding”.'],
    [
      'smee',
      `npx smee-client --url https://smee.io/YOUR-CHANNEL --target http://127.0.0.1:${port}${webhookPath}`,
      'Get a channel at smee.io/new, and write its address above.',
    ],
  ] as const
  return html`<details class="more" id="tunnels"><summary>This is a laptop: how do I get an address?</summary>
    <p>Start a tunnel in another terminal, and write the address that it shows above. Only signed webhooks get in through it; pages stay closed.</p>
    <dl class="tunnels">${ways.map(
      ([name, command, what]) =>
        html`<div><dt>${name}</dt><dd><pre class="block" tabindex="0"><code>${command}</code></pre><p class="hint">${what}</p></dd></div>`,
    )}</dl></details>`
}
