import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { html } from 'hono/html'

export type Html = ReturnType<typeof html>

/** The frame of every page. Styles and scripts are files of our own, because the content security policy allows no others. */
export function layout({
  title,
  here,
  styles = [],
  scripts = [],
  refreshSeconds,
  account,
  content,
}: {
  readonly title: string
  /** Address of the navigation entry that the page belongs to. */
  readonly here?: string | undefined
  /** What the page needs besides base.css and live.js. */
  readonly styles?: readonly AssetName[] | undefined
  readonly scripts?: readonly AssetName[] | undefined
  /** Who is logged in with this browser. */
  readonly account?: string | undefined
  /** Browsers without JavaScript reload the page after this many seconds. */
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
  ${(['base.css', ...styles] as const).map((name) => html`<link rel="stylesheet" href="${assetUrl(name)}">`)}
  ${(['live.js', ...scripts] as const).map((name) => html`<script src="${assetUrl(name)}" type="module"></script>`)}
  ${refreshSeconds === undefined ? '' : html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>`}
</head>
<body>
  <a class="skip" href="#content">Skip to content</a>
  <header class="bar">
    <a class="brand" href="/"><img src="${assetUrl('icon.svg')}" alt="" width="24" height="24">Backspace</a>
    <nav aria-label="Main">${NAVIGATION.map(({ href, name }) => html`<a href="${href}"${href === here ? html` aria-current="page"` : ''}>${name}</a>`)}</nav>
    ${account === undefined ? '' : html`<form class="account" method="post" action="/logout"><a class="muted" href="/account">${account}</a><button class="quiet" type="submit">Log out</button></form>`}
  </header>
  <main id="content">${content}</main>
</body>
</html>
`
}

/** The main navigation of every page. */
const NAVIGATION = [
  { href: '/', name: 'Dashboard' },
  { href: '/runs', name: 'Runs' },
  { href: '/stats', name: 'Statistics' },
  { href: '/reference', name: 'API' },
  { href: '/setup', name: 'Setup' },
] as const

/** Files of the pages, beside this one. */
const ASSETS = [
  'base.css',
  'runs.css',
  'run-filters.css',
  'stats.css',
  'dashboard.css',
  'new-run.css',
  'sign-in.css',
  'account.css',
  'sign-in.js',
  'share.css',
  'run.css',
  'diff.css',
  'activity.css',
  'live.js',
  'files.js',
  'story.js',
  'run.js',
  'setup.css',
  'reference.css',
  'icon.svg',
] as const

export type AssetName = (typeof ASSETS)[number]

export function isAsset(name: string | undefined): name is AssetName {
  return ASSETS.some((asset) => asset === name)
}

/** Address of an asset. It contains a hash of the content, so browsers may cache the asset forever. */
export function assetUrl(name: AssetName): string {
  return `/assets/${FILES[name].version}/${name}`
}

export interface Asset {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Value of the `Content-Type` header. */
  readonly type: string
  readonly version: string
}

export function readAsset(name: AssetName): Asset {
  return FILES[name]
}

const TYPES = { css: 'text/css', js: 'text/javascript', svg: 'image/svg+xml' } as const

const FILES = Object.fromEntries(ASSETS.map((name) => [name, load(name)])) as Readonly<
  Record<AssetName, Asset>
>

function load(name: string): Asset {
  const bytes = new Uint8Array(readFileSync(new URL(name, import.meta.url)))
  const kind = Object.entries(TYPES).find(([ending]) => name.endsWith(`.${ending}`))?.[1] ?? 'text/plain'
  return {
    bytes,
    type: `${kind}; charset=utf-8`,
    version: createHash('sha256').update(bytes).digest('hex').slice(0, 12),
  }
}
