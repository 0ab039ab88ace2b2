import { html } from 'hono/html'
import { assetUrl } from './asset-url.ts'

const STYLES = ['base.css', 'runs.css', 'run.css', 'activity.css'] as const

export type Html = ReturnType<typeof html>

/** The frame of every page. Styles and script are files of our own: the security policy allows nothing else. */
export function layout({
  title,
  refreshSeconds,
  content,
}: {
  readonly title: string
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
  </header>
  <main id="content">${content}</main>
</body>
</html>
`
}
