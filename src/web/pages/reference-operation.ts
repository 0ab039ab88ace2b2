import { html } from 'hono/html'
import type { Answer, Operation, Parameter } from '../openapi/operations.ts'
import type { JsonSchema, SchemaTexts } from '../openapi/schema-text.ts'
import { codeText } from './elements.ts'
import type { Html } from './layout.ts'

/** A request that the reader tried: what they filled in, and what the service answered. */
export interface Tried {
  readonly values: Readonly<Record<string, string>>
  readonly request: string
  readonly status: number
  readonly type: string
  readonly body: string
  /** Whether `body` is only the start of the answer. */
  readonly leftOut: boolean
}

interface OperationData {
  readonly operation: Operation
  readonly texts: SchemaTexts
  readonly publicUrl: string
  readonly tried: Tried | undefined
}

/** One request of the API: its parameters and body, its answers, and how to send it. */
export function operationPart({ operation, texts, publicUrl, tried }: OperationData): Html {
  const { slug, method, path, summary, description, aliases, parameters, body, answers } = operation
  return html`<article class="operation card" id="${slug}" aria-labelledby="${slug}-title">
    <h3 id="${slug}-title"><a class="anchor" href="#${slug}"><span class="method ${method.toLowerCase()}">${method}</span> <code>${pathText(path)}</code></a></h3>
    <p class="lead">${codeText(summary)}.</p>
    ${description === undefined ? '' : html`<p>${codeText(description)}</p>`}
    <p class="facts">${rightText(operation)}${aliases.map((alias) => html`<span>Also <code>${alias}</code></span>`)}</p>
    ${parameters.length === 0 ? '' : parameterTable(operation, texts)}
    ${body === undefined ? '' : bodyPart(operation, texts)}
    ${answersPart(operation, texts)}
    <div class="try">
      <details><summary>Send it with curl</summary><pre class="block" tabindex="0"><code>${curlText(operation, { texts, publicUrl })}</code></pre></details>
      ${method === 'GET' ? tryPart(operation, tried) : ''}
    </div>
  </article>`

  function bodyPart({ slug: id }: Operation, schemas: SchemaTexts): Html {
    if (!body) return html``
    return html`<h4 id="${id}-body">Body${body.required ? '' : ' (optional)'}</h4>
      ${fieldTable(body.schema, { texts: schemas, caption: `Fields of the body of ${method} ${path}` })}
      <pre class="block" tabindex="0"><code>${JSON.stringify(schemas.example(body.schema), null, 2)}</code></pre>`
  }

  function answersPart({ slug: id }: Operation, schemas: SchemaTexts): Html {
    const [good, bad] = [answers.filter(isGood), answers.filter((answer) => !isGood(answer))]
    return html`<h4 id="${id}-answers">Answers</h4>
      <dl class="answers">${good.map((answer) => answerRow(answer, schemas))}</dl>
      ${bad.length === 0 ? '' : html`<details><summary>Errors: ${bad.map(({ status }) => status).join(', ')}</summary><dl class="answers">${bad.map((answer) => answerRow(answer, schemas))}</dl></details>`}`
  }
}

const isGood = ({ status }: Answer) => Number(status) < 400

function answerRow({ status, description, type, schema }: Answer, texts: SchemaTexts): Html {
  const name = schema && texts.nameOf(schema)
  const isError = name === 'Error'
  return html`<div><dt><span class="status ${Number(status) < 400 ? 'good' : 'bad'}">${status}</span></dt><dd>${codeText(description)}
    ${type === undefined || isError ? '' : html`<span class="muted">${type}${name === undefined ? '' : html` · ${schemaLink(name)}`}</span>`}</dd></div>`
}

/** The frames of the stream have a list of their own. */
function schemaLink(name: string): Html {
  const target = name === 'WireEvent' ? 'frames' : `schema-${name.toLowerCase()}`
  return html`<a href="#${target}">${name === 'WireEvent' ? 'Frames' : name}</a>`
}

function rightText({ right }: Operation): Html {
  return right === undefined
    ? html`<span class="right open">No token needed</span>`
    : html`<span class="right">Needs the right <code>${right}</code></span>`
}

/** A long path may break after each slash. */
function pathText(path: string): Html {
  return html`${path.split('/').map((part, at) => (at === 0 ? '' : html`<wbr>/${part}`))}`
}

function parameterTable({ method, path, parameters, slug }: Operation, texts: SchemaTexts): Html {
  return html`<h4 id="${slug}-parameters">Parameters</h4>
    <div class="scroll" tabindex="0" role="region" aria-label="Parameters of ${method} ${path}"><table class="fields">
      <thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
      <tbody>${parameters.map(
        (
          each,
        ) => html`<tr><th scope="row"><code>${each.name}</code>${each.required ? html` <span class="required">required</span>` : ''}</th>
          <td>${each.in} · ${texts.typeText(each.schema)}${defaultText(each.schema)}</td><td>${codeText(each.description ?? '')}</td></tr>`,
      )}</tbody></table></div>`
}

function defaultText(schema: JsonSchema): string {
  return schema.default === undefined ? '' : `, default ${JSON.stringify(schema.default)}`
}

/** A table of the fields of a schema; empty for a schema without fields. */
export function fieldTable(
  schema: JsonSchema,
  { texts, caption }: { readonly texts: SchemaTexts; readonly caption: string },
): Html {
  const rows = texts.fields(schema)
  if (rows.length === 0) return html``
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="fields">
    <thead><tr><th scope="col">Field</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>
    <tbody>${rows.map(
      (
        row,
      ) => html`<tr><th scope="row"><code>${row.path}</code>${row.required ? '' : html` <span class="muted">optional</span>`}</th>
        <td>${row.type}</td><td>${codeText(row.about)}</td></tr>`,
    )}</tbody></table></div>`
}

/** A form that works without JavaScript: it loads the reference again, with the answer in it. */
function tryPart({ slug, parameters }: Operation, tried: Tried | undefined): Html {
  const asked = parameters.filter((each) => each.in !== 'header')
  return html`<details${tried ? html` open` : ''}><summary>Try it</summary>
    <form method="get" action="/reference/try#${slug}"><input type="hidden" name="request" value="${slug}">
      ${asked.map((each) => inputFor(each, { slug, value: tried?.values[each.name] ?? '' }))}
      <p><button type="submit">Send</button> <span class="muted">uses your session and changes nothing</span></p></form>
    ${tried ? triedPart(tried) : ''}</details>`
}

function inputFor(
  { name, required, schema }: Parameter,
  { slug, value }: { readonly slug: string; readonly value: string },
): Html {
  const id = `${slug}-try-${name}`
  const label = html`<label for="${id}"><code>${name}</code>${required ? '' : html` <span class="muted">optional</span>`}</label>`
  return html`<div class="field">${label}<input id="${id}" name="in.${name}" value="${value}" autocomplete="off" spellcheck="false"${required ? html` required` : ''}${schema.type === 'integer' ? html` inputmode="numeric"` : ''}></div>`
}

function triedPart({ request, status, type, body, leftOut }: Tried): Html {
  return html`<div class="tried" role="status"><p><code>${request}</code></p>
    <p><span class="status ${status < 400 ? 'good' : 'bad'}">${status}</span> <span class="muted">${type}</span></p></div>
    ${body === '' ? html`<p class="muted">No body.</p>` : html`<pre class="block" tabindex="0"><code>${body}</code></pre>`}
    ${leftOut ? html`<p class="muted">The rest is left out here. Send the request with curl to see the whole answer.</p>` : ''}`
}

function curlText(
  { method, path, body, right, answers }: Operation,
  { texts, publicUrl }: { readonly texts: SchemaTexts; readonly publicUrl: string },
): string {
  const streams = answers.some(({ type }) => type === 'text/event-stream')
  const address = `${publicUrl}${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `$${name.toUpperCase()}`)}`
  const lines = [
    `curl${streams ? ' -N' : ''}${method === 'GET' ? '' : ` -X ${method}`} "${address}"`,
    right === undefined ? '' : '-H "Authorization: Bearer $BACKSPACE_TOKEN"',
    streams || answers[0]?.type !== 'application/json' ? '' : '-H "Accept: application/json"',
    body ? '-H "Content-Type: application/json"' : '',
    body ? `-d '${JSON.stringify(texts.example(body.schema))}'` : '',
  ]
  return lines.filter((line) => line !== '').join(' \\\n  ')
}
