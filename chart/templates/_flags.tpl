{{- define "alys-node.flagsDigest" -}}
{{- $digest := .Values.flags.toml | sha256sum | trunc 12 -}}
{{- if and .Values.flags.digest (ne .Values.flags.digest $digest) -}}
{{- fail (printf "flags.digest is %s, but flags.toml has %s. Set it to that, or to \"\"" .Values.flags.digest $digest) -}}
{{- end -}}
{{ $digest }}
{{- end }}

{{- /* One flags ConfigMap, from root, digest, toml and policy (the value of helm.sh/resource-policy). */ -}}
{{- define "alys-node.flagsConfigMap" -}}
apiVersion: v1
kind: ConfigMap
metadata:
  name: {{ .root.Release.Name }}-flags-{{ .digest }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "alys-node.selector" .root | nindent 4 }}
    app.kubernetes.io/managed-by: {{ .root.Release.Service }}
    alys.network/flags: {{ .digest | quote }}
  annotations:
    helm.sh/resource-policy: {{ .policy }}
immutable: true
data:
  features.toml: {{ toJson .toml }}
{{- end }}
