import { html, raw } from 'hono/html'
import type { FileDiff } from '../git/read-objects.ts'

const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1c2128;--quiet:#5d6773;--line:#d9dee4;--link:#0b62c4;
--add:#e3f6e8;--add-ink:#116329;--cut:#fdeaea;--cut-ink:#a40e26;--hunk:#eef3fb;--code:#f0f2f5;
--open:#1a7f37;--merged:#7a3fd6;--closed:#c22b3a;--draft:#6a737d}
@media (prefers-color-scheme:dark){:root{--bg:#0e1116;--card:#161b22;--ink:#e4e9ef;--quiet:#94a0ad;--line:#2c343e;
--link:#6cb0ff;--add:#12301d;--add-ink:#6fdb8b;--cut:#3a181c;--cut-ink:#ff9a9a;--hunk:#182335;--code:#20262e;
--open:#238636;--merged:#8957e5;--closed:#da3633;--draft:#6e7681}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
a{color:var(--link);text-decoration:none}a:hover,a:focus-visible,.prose a,.rows a{text-decoration:underline}
header.top{border-bottom:1px solid var(--line);background:var(--card)}
header.top div,main{max-width:1040px;margin:0 auto;padding:14px 20px}
header.top .hint{color:var(--quiet);float:right;font-size:13px}
h1{font-size:26px;line-height:1.25;font-weight:600;margin:14px 0 8px;overflow-wrap:anywhere}
h1 .number{color:var(--quiet);font-weight:400}
.meta{color:var(--quiet);margin:0 0 20px;overflow-wrap:anywhere}
.state{display:inline-block;color:#fff;border-radius:2em;padding:3px 12px;font-weight:600;font-size:13px;margin-right:8px}
.state.open{background:var(--open)}.state.merged{background:var(--merged)}.state.closed{background:var(--closed)}.state.draft{background:var(--draft)}
code,.name,.diff,.branch{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.branch{background:var(--code);border-radius:5px;padding:1px 6px;font-size:13px}
.label{border:1px solid var(--line);border-radius:2em;padding:1px 9px;font-size:12.5px;margin-right:4px}
.card,.file{background:var(--card);border:1px solid var(--line);border-radius:8px;margin:0 0 16px;overflow:hidden}
.card>header{display:flex;gap:8px;align-items:center;padding:9px 16px;border-bottom:1px solid var(--line);color:var(--quiet);flex-wrap:wrap}
.card>header b{color:var(--ink)}.card>header img{width:22px;height:22px;border-radius:50%}
.tag{border:1px solid var(--line);border-radius:2em;padding:0 7px;font-size:12px;color:var(--quiet)}
.prose{padding:12px 16px;overflow-wrap:anywhere}.prose>:first-child{margin-top:0}.prose>:last-child{margin-bottom:0}
.prose h1,.prose h2{font-size:19px;border-bottom:1px solid var(--line);padding-bottom:5px}.prose h3{font-size:16.5px}
.prose code{background:var(--code);border-radius:5px;padding:2px 5px;font-size:87%}
.prose pre{background:var(--code);border-radius:7px;padding:12px 14px;overflow:auto}.prose pre code{padding:0;background:none;font-size:13px}
.prose p{white-space:pre-line}.prose table{border-collapse:collapse;display:block;overflow-x:auto}.prose th,.prose td{border:1px solid var(--line);padding:5px 11px;text-align:left}
.prose blockquote{margin:0 0 14px;padding:0 14px;border-left:3px solid var(--line);color:var(--quiet)}
.prose li:has(>input){list-style:none;margin-left:-20px}.prose hr{border:0;border-top:1px solid var(--line)}
.mention{font-weight:600}.quiet{color:var(--quiet)}.pad{padding:2px 16px}
.reactions span{border:1px solid var(--line);border-radius:2em;padding:1px 9px;margin-right:6px;font-size:13px}
.reactions{padding:0 16px 12px}
.scroll{overflow-x:auto}
.file summary{display:flex;gap:10px;align-items:center;padding:9px 16px;cursor:pointer;flex-wrap:wrap}
.file summary .name{font-size:13.5px;overflow-wrap:anywhere}.counts{margin-left:auto;font-size:13px;white-space:nowrap}
.plus{color:var(--add-ink)}.minus{color:var(--cut-ink)}
.diff{border-collapse:collapse;width:100%;font-size:12.5px;line-height:1.6;border-top:1px solid var(--line)}
.diff td{white-space:pre;padding:0 12px;tab-size:4}.diff .n{color:var(--quiet);text-align:right;width:1%;min-width:44px;user-select:none}
.add td{background:var(--add)}.cut td{background:var(--cut)}.hunk td{background:var(--hunk);color:var(--quiet)}
ul.rows{list-style:none;margin:0;padding:0}ul.rows li{padding:10px 16px;border-top:1px solid var(--line)}ul.rows li:first-child{border-top:0}
textarea{width:100%;font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:7px;padding:8px}
button{font:inherit;font-weight:600;color:#fff;background:var(--open);border:0;border-radius:7px;padding:6px 14px;cursor:pointer}
h2.part{font-size:17px;margin:28px 0 12px}
@media (max-width:640px){body{font-size:14.5px}h1{font-size:21px}header.top div,main{padding:12px}header.top .hint{display:none}
.diff .n{min-width:30px;padding:0 5px}.diff td{padding:0 7px}}
`

/** The frame of every page: no script, nothing loaded from elsewhere. */
export function layout({
  title,
  path,
  body,
}: {
  readonly title: string
  readonly path: string
  readonly body: unknown
}) {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${raw(STYLE)}</style>
</head>
<body>
<header class="top"><div><span class="hint">stand-in for GitHub, on this machine</span><a href="/">repositories</a>${
    path === '' ? '' : html` / <a href="/${path}">${path}</a>`
  }</div></header>
<main>${body}</main>
</body>
</html>`
}

/** The changed files of a pull request, coloured, each one foldable. */
export function diffView(files: readonly FileDiff[]) {
  return html`${files.map((file) => fileView(file))}`
}

function fileView(file: FileDiff) {
  const name = file.previousPath === undefined ? file.path : `${file.previousPath} → ${file.path}`
  return html`<details class="file" open>
    <summary>
      <span class="name">${name}</span>
      <span class="tag">${file.status}</span>
      <span class="counts"><b class="plus">+${file.additions}</b> <b class="minus">−${file.deletions}</b></span>
    </summary>
    ${
      file.patch === undefined
        ? html`<p class="quiet pad">No text to show: a binary file, or only its name or mode changed.</p>`
        : html`<div class="scroll" tabindex="0"><table class="diff"><tbody>${rows(file.patch)}</tbody></table></div>`
    }
  </details>`
}

function rows(patch: string) {
  let old = 0
  let now = 0
  return patch.split('\n').map((line) => {
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line)
    if (hunk) {
      old = Number(hunk[1])
      now = Number(hunk[2])
      return row({ kind: 'hunk', left: '', right: '', text: line })
    }
    if (line.startsWith('+')) return row({ kind: 'add', left: '', right: String(now++), text: line })
    if (line.startsWith('-')) return row({ kind: 'cut', left: String(old++), right: '', text: line })
    if (line.startsWith('\\')) return row({ kind: 'hunk', left: '', right: '', text: line })
    return row({ kind: 'same', left: String(old++), right: String(now++), text: line })
  })
}

interface Row {
  readonly kind: 'hunk' | 'add' | 'cut' | 'same'
  readonly left: string
  readonly right: string
  readonly text: string
}

function row({ kind, left, right, text }: Row) {
  return html`<tr class="${kind}"><td class="n">${left}</td><td class="n">${right}</td><td>${text || ' '}</td></tr>`
}
