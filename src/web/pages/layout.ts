import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { html } from 'hono/html'

const STYLES = ['base.css', 'runs.css', 'run.css', 'activity.css'] as const

export type Html = ReturnType<typeof html>

/** The frame of every page. Styles and script are files of our own: the security policy allows nothing else. */
export function layout({
  title,
  refreshSeconds,
  account,
  content,
}: {
  readonly title: string
  /** Who is logged in with this browser. */
  readonly account?: string | undefined
  /** Browsers without JavaScript load the page again after this long. */
  readonly refreshSeconds?: number | undefined
  readonly content: Html
}): Html {
  return html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <meta name="robots" content="noindex">
  <title>${title} · Backspace</title>
  <link rel="icon" type="image/svg+xml" href="${assetUrl('icon.svg')}">
  ${STYLES.map((name) => html`<link rel="stylesheet" href="${assetUrl(name)}">`)}
  <script src="${assetUrl('live.js')}" type="module"></script>
  ${refreshSeconds === undefined ? '' : html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>`}
</head>
<body>
  <a class="skip" href="#content">Skip to content</a>
  <header class="bar">
    <a class="brand" href="/"><img src="${assetUrl('icon.svg')}" alt="" width="24" height="24">Backspace</a>
    <nav aria-label="Main"><a href="/">Runs</a><a href="/openapi.json">API</a></nav>
    ${account === undefined ? '' : html`<form class="account" method="post" action="/logout"><span class="muted">${account}</span><button class="quiet" type="submit">Log out</button></form>`}
  </header>
  <main id="content">${content}</main>
</body>
</html>
`
}

export const ASSETS = {
  'base.css': 'text/css; charset=utf-8',
  'runs.css': 'text/css; charset=utf-8',
  'run.css': 'text/css; charset=utf-8',
  'activity.css': 'text/css; charset=utf-8',
  'live.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml; charset=utf-8',
} as const satisfies Record<string, string>

export type AssetName = keyof typeof ASSETS

/** Address of a file of the pages. It changes with the content, so browsers may keep what they have for ever. */
export function assetUrl(name: AssetName): string {
  return `/assets/${VERSIONS[name]}/${name}`
}

export function assetBytes(name: AssetName): Uint8Array<ArrayBuffer> {
  return BYTES[name]
}

const BYTES = fromNames((name) => new Uint8Array(readFileSync(new URL(name, import.meta.url))))
const VERSIONS = fromNames((name) => createHash('sha256').update(BYTES[name]).digest('hex').slice(0, 12))

function fromNames<Value>(make: (name: AssetName) => Value): Readonly<Record<AssetName, Value>> {
  return {
    'base.css': make('base.css'),
    'runs.css': make('runs.css'),
    'run.css': make('run.css'),
    'activity.css': make('activity.css'),
    'live.js': make('live.js'),
    'icon.svg': make('icon.svg'),
  }
}
