<#--
  What is shipped of others, by the names of the jars.
-->
<#assign libraries = []>
<#list dependencyMap as entry>
<#assign library = entry.getKey()>
<#if library.groupId != "io.runledger">
<#assign text>
${library.artifactId}-${library.version}.jar
  library  ${library.name!library.artifactId} (${library.groupId}:${library.artifactId}), version ${library.version}
  licence  <#list entry.getValue() as licence>${licence}<#sep> or </#list>
  address  ${library.url!("https://central.sonatype.com/artifact/" + library.groupId + "/" + library.artifactId)}
</#assign>
<#assign libraries += [text]>
</#if>
</#list>
Libraries of others in this directory, with their licences. Texts and notices are in the directory licenses.

${libraries?sort?join("\n")}
