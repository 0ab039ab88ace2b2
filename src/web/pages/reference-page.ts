import { html } from 'hono/html'
import { listOperations, type Operation } from '../openapi/operations.ts'
import { createSchemaTexts, type JsonSchema, type SchemaTexts } from '../openapi/schema-text.ts'
import { codeText } from './elements.ts'
import { type Html, layout } from './layout.ts'
import { fieldTable, operationPart, type Tried } from './reference-operation.ts'

export interface ReferencePageData {
  readonly publicUrl: string
  readonly account: string | undefined
  /** The request that was tried on this page, and its answer. */
  readonly tried?: (Tried & { readonly slug: string }) | undefined
}

/** The reference of the API: every request, body and frame, drawn from the schemas that the service itself uses. */
export function createReferencePage(): (data: ReferencePageData) => Html {
  const operations = listOperations()
  const texts = createSchemaTexts()
  const groups = Map.groupBy(operations, ({ group }) => group)
  const frames = texts.kinds(texts.get('WireEvent'))
  const bodies = texts.names.filter(
    (name) => name !== 'WireEvent' && texts.fields(texts.get(name)).length > 0,
  )
  return ({ publicUrl, account, tried }) =>
    layout({
      title: 'API',
      account,
      here: '/reference',
      styles: ['reference.css'],
      content: html`<div class="reference">
    ${contents(groups, bodies)}
    <div class="chapters">
      <header class="intro"><h1>API</h1>
        <p>Start runs, follow them live, and read their results. Programs find this description in <a href="/openapi.json">openapi.json</a> (OpenAPI 3.1); <code>backspace/client</code> is a typed client that streams, resumes and reconnects.</p></header>
      ${accessPart(publicUrl)}
      ${[...groups].map(
        ([
          group,
          list,
        ]) => html`<section aria-labelledby="${anchorOf(group)}"><h2 id="${anchorOf(group)}">${group}</h2>
        ${list.map((operation) => operationPart({ operation, texts, publicUrl, tried: tried?.slug === operation.slug ? tried : undefined }))}</section>`,
      )}
      ${framesPart(frames, texts)}
      <section aria-labelledby="bodies"><h2 id="bodies">Bodies</h2>${bodies.map((name) => bodyPart(name, texts))}</section>
    </div></div>`,
    })
}

const anchorOf = (group: string) => group.toLowerCase().replaceAll(' ', '-')

function contents(groups: ReadonlyMap<string, readonly Operation[]>, bodies: readonly string[]): Html {
  return html`<nav class="contents" aria-label="Contents"><details><summary>Contents</summary>
    <ul><li><a href="#access">Access and errors</a></li>
    ${[...groups].map(
      ([group, list]) =>
        html`<li><a href="#${anchorOf(group)}">${group}</a><ul>${list.map(
          ({ slug, method, path }) =>
            html`<li><a href="#${slug}"><span class="method ${method.toLowerCase()}">${method}</span> <span class="path">${path}</span></a></li>`,
        )}</ul></li>`,
    )}
    <li><a href="#frames">Frames of the stream</a></li>
    <li><a href="#bodies">Bodies</a><ul>${bodies.map((name) => html`<li><a href="#schema-${name.toLowerCase()}">${name}</a></li>`)}</ul></li></ul>
  </details></nav>`
}

function accessPart(publicUrl: string): Html {
  return html`<section class="card" aria-labelledby="access"><h2 id="access">Access and errors</h2>
    <p>Send an API token with each request; a browser that is signed in sends its session. A token has certain rights on certain repositories; everything else is hidden from it.</p>
    <pre class="block" tabindex="0"><code>curl -H "Authorization: Bearer $BACKSPACE_TOKEN" -H "Accept: application/json" "${publicUrl}/runs"</code></pre>
    <dl class="rights"><div><dt><code>read</code></dt><dd>Runs, streams and pages.</dd></div><div><dt><code>start</code></dt><dd>Start, stop, steer and approve runs.</dd></div><div><dt><code>metrics</code></dt><dd>Metrics for Prometheus.</dd></div></dl>
    <p>An error is <code>{"error":{"code","message"}}</code>: act on <code>code</code>, show <code>message</code>. Answers with 429 and 503 say in <code>Retry-After</code> when to try again. Each answer has an <code>X-Request-Id</code>, with which the operator finds it in the log.</p>
    <p>With an <code>Idempotency-Key</code>, repeating a start does not start a second run. A stream that breaks continues after <code>Last-Event-ID</code>.</p></section>`
}

function framesPart(frames: readonly JsonSchema[], texts: SchemaTexts): Html {
  return html`<section aria-labelledby="frames"><h2 id="frames">Frames of the stream</h2>
    <p class="muted">The stream consists of server-sent events. The data of each event is one of these frames as JSON; <code>seq</code> counts from 1 without gaps, and the last frame is <code>success</code> or <code>error</code>. New fields and new types may be added; existing names do not change.</p>
    <div class="card frames">${frames.map((frame) => {
      const { type, step } = frame.properties ?? {}
      const name = typeof type === 'object' && type.const !== undefined ? String(type.const) : 'Tool: …'
      const where = typeof step === 'object' && name === 'info' ? stepText(texts.typeText(step)) : ''
      return html`<details><summary><code>${name}</code>${where === '' ? '' : html` <code class="step">${where}</code>`} <span>${codeText(frame.description ?? '')}</span></summary>
        ${fieldTable(frame, { texts, caption: `Fields of the frame ${name}: ${frame.description ?? ''}` })}</details>`
    })}</div></section>`
}

/** The steps of a frame, such as `setup`; `each step` if there are more than three. */
function stepText(type: string): string {
  const words = type.replaceAll('"', '').split(' · ')
  return words.length > 3 ? 'each step' : words.join(', ')
}

function bodyPart(name: string, texts: SchemaTexts): Html {
  const schema = texts.get(name)
  const id = `schema-${name.toLowerCase()}`
  return html`<article class="card schema" id="${id}" aria-labelledby="${id}-title"><h3 id="${id}-title"><a class="anchor" href="#${id}"><code>${name}</code></a></h3>
    ${fieldTable(schema, { texts, caption: `Fields of ${name}` })}
    <details><summary>Example</summary><pre class="block" tabindex="0"><code>${JSON.stringify(texts.example(schema), null, 2)}</code></pre></details></article>`
}
