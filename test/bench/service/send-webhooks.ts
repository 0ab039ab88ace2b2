import { createHmac, randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** A webhook as GitHub sends it, signed. */
export interface SignedWebhook {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Answer {
  /** From when it was due, in milliseconds: waiting for the sender counts as well. */
  readonly ms: number
  readonly status: number
  /** Which the service says it is. */
  readonly kept: 'stored' | 'duplicate' | undefined
}

interface Sending {
  readonly dueAt: number
  readonly agent: Agent
}

export interface WebhookSender {
  /** Sends at a fixed rate, whether or not answers come. */
  sendSteadily(webhooks: readonly SignedWebhook[], perSecond: number): Promise<readonly Answer[]>
  /** Sends all of them at the same moment, each on a connection of its own. */
  sendAtOnce(webhooks: readonly SignedWebhook[]): Promise<readonly Answer[]>
}

export function createWebhookSender(target: string): WebhookSender {
  function send({ headers, body }: SignedWebhook, { dueAt, agent }: Sending): Promise<Answer> {
    return new Promise((resolve) => {
      const answered = (status: number, text: string) => {
        const kept = /"status":"(stored|duplicate)"/.exec(text)?.[1] as Answer['kept']
        resolve({ ms: performance.now() - dueAt, status, kept })
      }
      const post = request(target, { agent, method: 'POST', headers }, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () => answered(response.statusCode ?? 0, text))
      })
      post.on('error', () => answered(0, ''))
      post.end(body)
    })
  }

  return {
    async sendSteadily(webhooks, perSecond) {
      const agent = new Agent({ keepAlive: true })
      const startedAt = performance.now()
      const answers: Promise<Answer>[] = []
      for (const [index, webhook] of webhooks.entries()) {
        const dueAt = startedAt + (index * 1000) / perSecond
        const early = dueAt - performance.now()
        if (early > 0) await delay(early)
        answers.push(send(webhook, { dueAt, agent }))
      }
      return Promise.all(answers).finally(() => agent.destroy())
    },
    sendAtOnce(webhooks) {
      const dueAt = performance.now()
      const agent = new Agent({ keepAlive: false })
      return Promise.all(webhooks.map((webhook) => send(webhook, { dueAt, agent })))
    },
  }
}

/** A comment of 4 KB that is not for Backspace: by far the most that an installation sends. */
export function commentWebhook(number: number, secret: string): SignedWebhook {
  const body = JSON.stringify({
    action: 'created',
    issue: { id: 1, number: 1, title: 'A bug', body: '', user: { login: 'ada', id: 7, type: 'User' } },
    comment: { id: number, body: `I have seen this too. ${'It happens now and then. '.repeat(160)}` },
    repository: { id: 1, name: 'bench', full_name: 'acme/bench', owner: { login: 'acme', id: 2 } },
    sender: { login: 'ada', id: 7, type: 'User' },
    installation: { id: 1 },
  })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  return {
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'x-github-event': 'issue_comment',
      'x-github-delivery': randomUUID(),
      'x-hub-signature-256': `sha256=${signature}`,
    },
  }
}
