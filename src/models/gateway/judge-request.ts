import { isRecord } from '../../text/is-record.ts'
import { jsonOrUndefined } from '../../text/json-or-undefined.ts'

/** The bytes of a request for one turn of Claude, sent by a program in a sandbox, and the models that it may ask. */
export interface GatewayRequest {
  readonly body: Uint8Array
  readonly models: readonly string[]
}

/** The model that the request asks, or why the request must not be sent on. */
export type Judgement =
  | { readonly model: string; readonly refusal?: undefined }
  | { readonly model?: undefined; readonly refusal: GatewayRefusal }

/** An error answer in the form of the Messages API. Its status is one after which no client tries again. */
export interface GatewayRefusal {
  readonly status: 400 | 401 | 402 | 403 | 404 | 413 | 429
  readonly type: string
  /** One sentence. The program may show it to the model. */
  readonly message: string
}

/** Fields with which Anthropic's servers would contact other servers, or use containers that outlive the run. */
const REACHING_OUT = ['mcp_servers', 'container']

/**
 * Decides whether a request may be sent on. It is sent on byte for byte, so what is judged here must be what Anthropic
 * reads. A body that `JSON.stringify` would have written differently, for instance with two fields of one name, is
 * refused.
 *
 * Runs in a thread when the body is large.
 */
export function judgeRequest({ body, models }: GatewayRequest): Judgement {
  const text = Buffer.from(body).toString('utf8')
  const parsed = jsonOrUndefined(text)
  if (!isRecord(parsed)) return refuse('The body is not a JSON object.')
  if (JSON.stringify(parsed) !== text) return refuse('The body is not written as JSON.stringify writes it.')
  const { model, tools = [] } = parsed
  if (typeof model !== 'string' || !models.includes(model)) {
    const message = `This run may ask ${models.join(' and ')}, and no other model.`
    return { refusal: { status: 403, type: 'permission_error', message } }
  }
  const field = REACHING_OUT.find((name) => name in parsed)
  if (field !== undefined) return refuse(`${field} is not allowed here.`)
  if (!Array.isArray(tools) || tools.some((tool) => !isRecord(tool) || (tool.type ?? 'custom') !== 'custom'))
    return refuse('Tools that Anthropic’s servers carry out are not allowed here.')
  if (reachesOut([parsed.system, parsed.messages]))
    return refuse('Images and documents must be in the request itself.')
  return { model }
}

/** No request is nested this deep, and the stack can take it. */
const MAX_DEPTH = 200

/** Whether anything refers to its content by an address or a file's id: `{ "source": { "type": "url", … } }`. */
function reachesOut(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === MAX_DEPTH) return true
  if (Array.isArray(value)) return value.some((item) => reachesOut(item, depth + 1))
  return Object.entries(value).some(([name, field]) => {
    if (name === 'source' && isRecord(field) && !['base64', 'text', 'content'].includes(String(field.type)))
      return true
    // Arguments that a model wrote, and schemas of tools, are data: nothing in them is fetched.
    return name !== 'input' && reachesOut(field, depth + 1)
  })
}

function refuse(message: string): Judgement {
  return { refusal: { status: 400, type: 'invalid_request_error', message } }
}
