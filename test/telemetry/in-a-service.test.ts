import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { startOtlp } from '../stand-ins/otlp.ts'
import { createGreeter, FIX_GREETER, startWorld } from '../support/start-world.ts'

test('a service traces its runs, and its scrape has every metric that the board and the alerts name', async ({
  onTestFinished,
}) => {
  const otlp = await startOtlp()
  onTestFinished(otlp.close)
  const { github, url, frames, backspace } = await startWorld({
    anthropic: FIX_GREETER,
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: otlp.url },
  })
  await createGreeter(github)
  const body = JSON.stringify({ repoUrl: `${github.url}/acme/greeter`, prompt: 'a prompt of the caller' })
  await fetch(`${url}/code`, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  const sent = await frames()
  const scrape = await (await fetch(`${url}/metrics`)).text()
  await backspace.stop(0)

  const runId = sent[0]?.runId ?? ''
  const spans = otlp.spans()
  const root = spans.find(({ parentId }) => parentId === '')
  expect(root).toMatchObject({
    name: 'backspace run',
    traceId: runId.replaceAll('-', ''),
    attributes: { 'backspace.run.status': 'succeeded', 'backspace.run.outcome': 'pull_request' },
  })
  const agent = spans.find(({ name }) => name === 'invoke_agent builtin')
  expect(agent?.parentId).toBe(root?.spanId)
  const inAgent = spans
    .filter(({ parentId }) => parentId === agent?.spanId)
    .map(({ name }) => name.split(' ')[0])
  const turns = sent.filter((frame) => 'turn' in frame)
  expect(inAgent.filter((name) => name === 'chat')).toHaveLength(turns.length)
  expect(inAgent).toContain('execute_tool')
  expect(otlp.received()).not.toMatch(/a prompt of the caller|stranger/)

  const deploy = ['grafana/backspace.json', 'prometheus/alerts.yml'].map((name) =>
    readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8'),
  )
  const named = new Set(deploy.join('').match(/\b(?:backspace|process|nodejs)_[a-z0-9_]+/g))
  const exposed = [...scrape.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name)
  const plain = (name: string) => (exposed.includes(name) ? name : name.replace(/_(?:bucket|sum|count)$/, ''))
  expect([...named].filter((name) => !exposed.includes(plain(name)))).toEqual([])
  expect(scrape).toMatch(/^backspace_runs_ended_total\{status="succeeded",reason="pull_request"\} 1$/m)
  expect(scrape).toMatch(/^backspace_run_wait_seconds_count 1$/m)
  expect(scrape).toMatch(/^backspace_sandboxes_total\{kind="unconfined",result="created"\} [1-9]/m)
  expect(scrape).toMatch(/^backspace_steps_total\{step="clone",status="ok"\} 1$/m)
})
