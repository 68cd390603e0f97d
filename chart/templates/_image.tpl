{{- define "alys-node.image" -}}
{{- with .Values.image -}}
{{- if and (not .digest) (not (regexMatch "^(localhost|127\\.0\\.0\\.1)[:/]" .repository)) -}}
{{- fail (printf "image.digest is empty, and %s is not on localhost: tags there can move. Set it to what the tag is now: crane digest %s:%s" .repository .repository .version) -}}
{{- end -}}
{{ .repository }}:{{ .version }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
{{- end }}

{{- /* Only a tag that can move is worth asking the registry for again. */ -}}
{{- define "alys-node.imagePullPolicy" -}}
{{ ternary "IfNotPresent" "Always" (ne .Values.image.digest "") }}
{{- end }}
