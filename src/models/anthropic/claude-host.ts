import Anthropic from '@anthropic-ai/sdk'
import { type ProviderModelOptions, TOTAL_MS, type TurnTimer } from '../ask-provider.ts'
import { ModelError, type ProviderFacts } from '../model-error.ts'

/** The part of the SDKs' clients that a turn needs. */
export interface ClaudeClient {
  readonly messages: Pick<Anthropic['messages'], 'create'>
}

/** A place where Claude is served. */
export interface ClaudeHost {
  readonly provider: 'anthropic' | 'bedrock' | 'vertex'
  readonly facts: ProviderFacts
  /** To be masked in what the host says; empty where a library has the credentials. */
  readonly secret: string
  /** Takes what Anthropic's own API has and the clouds do not yet: automatic caching, an hour of it, and the system role. */
  readonly takesNewest: boolean
  /** A client for one turn. @throws {ModelError} `auth` if there are no credentials. */
  connect(timer: TurnTimer): Promise<ClaudeClient>
}

const FACTS = {
  anthropic: {
    name: 'Anthropic',
    keyVariable: 'ANTHROPIC_API_KEY',
    urlVariable: 'ANTHROPIC_BASE_URL',
    billingPage: 'Billing in the Claude Console',
  },
  bedrock: {
    name: 'Amazon Bedrock',
    keyVariable: 'the AWS credentials (AWS_PROFILE, AWS_ACCESS_KEY_ID, AWS_BEARER_TOKEN_BEDROCK or a role)',
    urlVariable: 'AWS_REGION',
    billingPage: 'Billing in the AWS console',
  },
  vertex: {
    name: 'Vertex AI',
    keyVariable: 'the Google credentials (GOOGLE_APPLICATION_CREDENTIALS, or those of the machine)',
    urlVariable: 'CLOUD_ML_REGION and ANTHROPIC_VERTEX_PROJECT_ID',
    billingPage: 'Billing in the Google Cloud console',
  },
} as const satisfies Record<ClaudeHost['provider'], ProviderFacts>

/** Anthropic's own API, or another server that speaks its protocol. */
export function createAnthropicHost({
  apiKey,
  baseUrl = 'https://api.anthropic.com',
  totalTimeoutMs,
}: ProviderModelOptions): ClaudeHost {
  return {
    provider: 'anthropic',
    facts: FACTS.anthropic,
    secret: apiKey,
    takesNewest: true,
    async connect(timer) {
      // Every option is set, so that the SDK reads no key from the environment or the disk.
      const given = { apiKey, authToken: null, webhookKey: null, baseURL: baseUrl }
      return new Anthropic({ ...given, ...clientOptions(timer, totalTimeoutMs) })
    },
  }
}

/** Of Amazon Bedrock. The AWS SDK finds the credentials, as its command line does. */
export interface BedrockSettings {
  readonly region: string
  /** Default: that of the region. */
  readonly baseUrl?: string | undefined
}

export async function createBedrockHost(
  { region, baseUrl }: BedrockSettings,
  totalTimeoutMs?: number,
): Promise<ClaudeHost> {
  const [{ AnthropicBedrock }, { createCredentialChain, fromEnv, fromNodeProviderChain }] = await Promise.all(
    [import('@anthropic-ai/bedrock-sdk'), import('@aws-sdk/credential-providers')],
  )
  // One for all turns: it keeps what it found until that expires. The environment counts before AWS_PROFILE, as in the SDK.
  const credentials = createCredentialChain(fromEnv(), fromNodeProviderChain())
  return {
    provider: 'bedrock',
    facts: FACTS.bedrock,
    secret: '',
    takesNewest: false,
    async connect(timer) {
      await credentials().catch((error: unknown) => {
        if (nameOf(error) === 'CredentialsProviderError') throw noCredentials('bedrock', FACTS.bedrock)
        throw error
      })
      return new AnthropicBedrock({
        awsRegion: region,
        baseURL: baseUrl ?? `https://bedrock-runtime.${region}.amazonaws.com`,
        providerChainResolver: async () => credentials,
        ...clientOptions(timer, totalTimeoutMs),
      })
    },
  }
}

/** Of Google Cloud's Vertex AI. Google's library finds the credentials, as its command line does. */
export interface VertexSettings {
  readonly region: string
  readonly projectId: string
  /** Default: that of the region. */
  readonly baseUrl?: string | undefined
}

export async function createVertexHost(
  { region, projectId, baseUrl }: VertexSettings,
  totalTimeoutMs?: number,
): Promise<ClaudeHost> {
  const [{ AnthropicVertex }, { GoogleAuth }] = await Promise.all([
    import('@anthropic-ai/vertex-sdk'),
    import('google-auth-library'),
  ])
  // One for all turns: it keeps the access token until that expires.
  const googleAuth = new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' })
  return {
    provider: 'vertex',
    facts: FACTS.vertex,
    secret: '',
    takesNewest: false,
    async connect(timer) {
      await googleAuth.getClient().catch((error: unknown) => {
        // Everything else than a failed request means that nothing was found to send one with.
        if (nameOf(error) !== 'GaxiosError') throw noCredentials('vertex', FACTS.vertex)
        throw error
      })
      const place = { region, projectId, baseURL: baseUrl ?? vertexAddress(region) }
      return new AnthropicVertex({ ...place, googleAuth, ...clientOptions(timer, totalTimeoutMs) })
    },
  }
}

function noCredentials(provider: ClaudeHost['provider'], { name, keyVariable }: ProviderFacts): ModelError {
  const userMessage = `${name}: no credentials were found; set ${keyVariable}.`
  return new ModelError({ class: 'auth', provider, model: 'any', userMessage })
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : ''
}

/** Regions of several countries have addresses of their own. */
function vertexAddress(region: string): string {
  if (region === 'global') return 'https://aiplatform.googleapis.com/v1'
  return region === 'us' || region === 'eu'
    ? `https://aiplatform.${region}.rep.googleapis.com/v1`
    : `https://${region}-aiplatform.googleapis.com/v1`
}

function clientOptions(timer: TurnTimer, totalTimeoutMs = TOTAL_MS) {
  return {
    maxRetries: 0,
    timeout: totalTimeoutMs,
    fetch: timer.fetch,
    // Its log would hold prompts, its spans would go wherever a tracer happens to be registered.
    logLevel: 'off' as const,
    openTelemetry: false as const,
  }
}
