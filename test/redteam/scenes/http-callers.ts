import type { Scene, Target, Verdict } from '../target.ts'

/** Programs and pages that call the HTTP interface. */
export const HTTP_CALLERS: Scene = {
  name: 'http-callers',
  async attack(target) {
    return [await reach(target), await smuggle(target), await guess(target)]
  },
}

interface Answer {
  readonly status: number
  readonly text: string
}

async function post(
  { url }: Target,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/code`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ prompt: 'Look', ...body }),
  })
  // An accepted request would stream; its status is enough.
  const text = response.status < 400 ? '' : await response.text()
  if (response.status < 400) await response.body?.cancel()
  return { status: response.status, text }
}

/** A repository that is an address of the inside. */
async function reach(target: Target): Promise<Verdict> {
  const { thief, stolen, github } = target
  const { port } = new URL(thief)
  const addresses = [
    `${thief}/owner/name`,
    `http://localhost:${port}/owner/name`,
    `http://[::1]:${port}/owner/name`,
    `http://0x7f000001:${port}/owner/name`,
    'http://169.254.169.254/latest/meta-data',
    'file:///etc/passwd',
    `http://${github.host}@127.0.0.1:${port}/owner/name`,
    `${github.url}/owner/name/../../../../admin`,
    `${github.url}.evil.example/owner/name`,
  ]
  const answers = await Promise.all(addresses.map((repoUrl) => post(target, { repoUrl })))
  return {
    attack: 'names an internal address as its repository',
    threat: 'T19',
    layer: 'the address is parsed, and never fetched',
    contained: answers.every(({ status }) => status === 400) && stolen.length === 0,
    evidence: `${addresses.length} addresses: ${answers.map(({ status }) => status).join(', ')}; ${stolen.length} requests arrived`,
  }
}

/** Options and refs of git in the fields that end up near git. */
async function smuggle(target: Target): Promise<Verdict> {
  const repoUrl = `${target.github.url}/owner/name`
  const fields = [
    { repoUrl, base: '--upload-pack=touch /tmp/pwned' },
    { repoUrl, base: 'main..evil' },
    { repoUrl, base: '@{-1}' },
    { repoUrl, base: 'a\nb' },
    { repoUrl: '--upload-pack=touch /tmp/pwned' },
    { repoUrl: 'ext::sh -c touch% /tmp/pwned' },
    { repoUrl: `${target.github.url}/-u/--exec=x` },
  ]
  const answers = await Promise.all(fields.map((field) => post(target, field)))
  return {
    attack: 'sends options of git as its base and its repository',
    threat: 'T18',
    layer: "git's own rules for names, before anything is started",
    contained: answers.every(({ status }) => status === 400),
    evidence: `${fields.length} requests: ${answers.map(({ status }) => status).join(', ')}`,
  }
}

/** Before the first token is made, only programs of this machine may call: no page in its browser, and nothing from outside. */
async function guess(target: Target): Promise<Verdict> {
  const repoUrl = `${target.github.url}/owner/name`
  const passedOn = { 'x-forwarded-for': '203.0.113.9' }
  const refused = await Promise.all([
    post(target, { repoUrl }, { origin: 'https://evil.example' }),
    post(target, { repoUrl }, { 'sec-fetch-site': 'cross-site' }),
    post(target, { repoUrl }, passedOn),
    post(target, { repoUrl }, { ...passedOn, authorization: `Bearer ${'A'.repeat(43)}` }),
    read(`${target.url}/runs?token=${'A'.repeat(43)}`),
  ])
  return {
    attack: 'calls as a page of another site, from outside, with a guessed token, with one in the address',
    threat: 'T24',
    layer: 'tokens of 256 bits, in a header only; without any, this machine alone',
    contained: refused.every(
      ({ status, text }) => [400, 401, 403].includes(status) && !/at \w+ \(/.test(text),
    ),
    evidence: `answered ${refused.map(({ status }) => status).join(', ')}`,
  }
}

async function read(address: string): Promise<Answer> {
  const response = await fetch(address)
  return { status: response.status, text: await response.text() }
}
