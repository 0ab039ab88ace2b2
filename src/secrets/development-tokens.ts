import type { TokenRule } from './rule.ts'
import { token } from './service-tokens.ts'

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

/**
 * GitHub's installation tokens contain a JSON web token (`ghs_<app>_<jwt>`, about 520 characters with `.`, `_` and
 * `-`):
 * https://github.blog/changelog/2026-04-24-github-app-installation-tokens-per-request-override-header/
 */
const GITHUB = {
  pattern: String.raw`gh[oprsu]_(?:[A-Za-z0-9]{36}|[A-Za-z0-9]{1,20}_[\w-]{30})`,
  rest: String.raw`(?:[\w-]|\.(?=[\w-]))*`,
}

/** Tokens of code hosts, model providers, registries and CI. */
export const DEVELOPMENT_TOKENS: readonly TokenRule[] = [
  token('github-app-token', 'GitHub token', { keywords: ['ghu_', 'ghs_'], ...GITHUB }),
  token('github-pat', 'GitHub token', { keywords: ['ghp_'], ...GITHUB }),
  token('github-oauth', 'GitHub token', { keywords: ['gho_'], ...GITHUB }),
  token('github-refresh-token', 'GitHub token', { keywords: ['ghr_'], ...GITHUB }),
  token('github-fine-grained-pat', 'GitHub token', {
    keywords: ['github_pat_'],
    pattern: String.raw`github_pat_\w{22,255}`,
  }),
  token('anthropic-api-key', 'Anthropic key', {
    keywords: ['sk-ant-'],
    pattern: String.raw`sk-ant-[\w-]{16,200}`,
    leastFound: 90,
  }),
  token('openai-api-key', 'OpenAI key', {
    keywords: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'],
    pattern: String.raw`sk-(?:proj|svcacct|admin)-[\w-]{16,250}`,
    leastFound: 40,
  }),
  token('openai-api-key', 'OpenAI key', {
    keywords: ['t3blbkfj'],
    before: 23,
    pattern: 'sk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}',
  }),
  // DeepSeek and many other services have keys of the same form.
  token('sk-api-key', 'API key', {
    keywords: ['sk-'],
    atWordStart: true,
    pattern: '(?:sk-(?:[A-Za-z0-9]{48}|[0-9a-f]{32}))(?![A-Za-z0-9])',
  }),
  token('openrouter-api-key', 'OpenRouter key', {
    keywords: ['sk-or-v1-'],
    pattern: 'sk-or-v1-[0-9a-f]{64}',
  }),
  token('langfuse-secret-key', 'Langfuse key', { keywords: ['sk-lf-'], pattern: `sk-lf-${UUID}` }),
  token('e2b-api-key', 'E2B key', { keywords: ['e2b_'], pattern: 'e2b_[A-Za-z0-9]{20,80}' }),
  token('langsmith-api-key', 'LangSmith key', {
    keywords: ['lsv2_'],
    pattern: 'lsv2_(?:pt|sk)_[A-Za-z0-9]{32}_[A-Za-z0-9]{10}',
  }),
  token('groq-api-key', 'Groq key', {
    keywords: ['gsk_'],
    atWordStart: true,
    pattern: 'gsk_[A-Za-z0-9]{52}',
  }),
  token('xai-api-key', 'xAI key', { keywords: ['xai-'], pattern: 'xai-[A-Za-z0-9]{70,90}' }),
  token('replicate-api-token', 'Replicate token', {
    keywords: ['r8_'],
    atWordStart: true,
    pattern: 'r8_[A-Za-z0-9]{37}',
  }),
  token('huggingface-access-token', 'Hugging Face token', {
    keywords: ['hf_'],
    atWordStart: true,
    pattern: 'hf_(?:[A-Za-z0-9]{34}(?![A-Za-z0-9_])|(?=[a-z0-9]{0,33}[A-Z])[A-Za-z0-9]{34}(?![A-Za-z0-9]))',
  }),
  token('supabase-token', 'Supabase token', {
    keywords: ['sbp_', 'sb_secret_'],
    pattern: String.raw`(?:sbp_[0-9a-f]{40}|sb_secret_[\w-]{31})`,
  }),
  token('docker-pat', 'Docker Hub token', {
    keywords: ['dckr_pat_', 'dckr_oat_'],
    pattern: String.raw`dckr_[po]at_[\w-]{27,40}`,
  }),
  token('tailscale-key', 'Tailscale key', {
    keywords: ['tskey-'],
    pattern: 'tskey-[a-z]{2,9}-[A-Za-z0-9]{8,40}-[A-Za-z0-9]{20,60}',
  }),
  token('figma-token', 'Figma token', { keywords: ['figd_'], pattern: String.raw`figd_[\w-]{40}` }),
  token('buildkite-token', 'Buildkite token', { keywords: ['bkua_'], pattern: 'bkua_[0-9a-f]{40}' }),
  token('circleci-token', 'CircleCI token', {
    keywords: ['ccipat_'],
    pattern: 'CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}',
  }),
  token('doppler-token', 'Doppler token', {
    keywords: ['dp.ct.', 'dp.sa.', 'dp.st.', 'dp.scim.', 'dp.audit.'],
    pattern: String.raw`dp\.(?:ct|sa|st|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44}`,
  }),
  token('sourcegraph-access-token', 'Sourcegraph token', {
    keywords: ['sgp_'],
    pattern: '(?:sgp_(?:[a-fA-F0-9]{16}|local)_[a-fA-F0-9]{40}|sgp_[a-fA-F0-9]{40})(?![A-Za-z0-9])',
  }),
  token('atlassian-api-token', 'Atlassian token', {
    keywords: ['atatt3', 'atctt3'],
    pattern: String.raw`AT[AC]TT3[\w=-]{100,250}`,
  }),
  token('npm-legacy-token', 'npm token', { keywords: ['_authtoken='], pattern: `_authToken=(${UUID})` }),
  token('nuget-api-key', 'NuGet key', {
    keywords: ['oy2'],
    atWordStart: true,
    pattern: 'oy2[a-z0-9]{43}(?![A-Za-z0-9])',
  }),
  token('crates-io-token', 'crates.io token', {
    keywords: ['cio'],
    atWordStart: true,
    pattern: 'cio[A-Za-z0-9]{32}(?![A-Za-z0-9])',
  }),
  token('netlify-pat', 'Netlify token', {
    keywords: ['nfp_'],
    atWordStart: true,
    pattern: 'nfp_[A-Za-z0-9]{36}',
  }),
  token('new-relic-user-key', 'New Relic key', { keywords: ['nrak-'], pattern: 'NRAK-[A-Z0-9]{27}' }),
]
