{{- define "alys-node.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "alys-node.labels" -}}
{{ include "alys-node.selector" . }}
app.kubernetes.io/version: {{ include "alys-node.versionLabel" . | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- /* A tag may be longer than a label and may begin or end with signs that a label may not. */ -}}
{{- define "alys-node.versionLabel" -}}
{{ regexReplaceAll "^[^A-Za-z0-9]+|[^A-Za-z0-9]+$" (trunc 63 .Values.image.version) "" }}
{{- end }}

{{- /* No instance label: whoever lists the release's pods by it means nodes. */ -}}
{{- define "alys-node.smokeTestSelector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}-smoke-test
app.kubernetes.io/part-of: {{ .Release.Name }}
{{- end }}

{{- /* The port that the node listens on, in every version. */ -}}
{{- define "alys-node.port" -}}
8080
{{- end }}

{{- define "alys-node.peers" -}}
{{ .Release.Name }}-peers
{{- end }}
