using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>
/// Which type of an assembly uses which other type, read from its metadata: bases, interfaces, signatures of members and locals, and everything
/// that method bodies name. A nested type counts as the type around it, so closures and state machines speak for the method that they came from.
/// </summary>
internal sealed class TypeReferences : IDisposable
{
    private readonly PEReader file;
    private readonly MetadataReader metadata;

    private TypeReferences(string path)
    {
        file = new PEReader(File.OpenRead(path));
        metadata = file.GetMetadataReader();
    }

    /// <summary>All pairs (user, used) of full type names without arity, each once; a type's uses of itself are left out.</summary>
    public static IReadOnlySet<(string User, string Used)> In(string path)
    {
        using var references = new TypeReferences(path);
        var pairs = new HashSet<(string, string)>();
        foreach (var handle in references.metadata.TypeDefinitions)
        {
            var names = new NameCollector();
            references.CollectAllOf(handle, names);
            var user = NameCollector.NameOf(references.metadata, handle);
            pairs.UnionWith(names.Found.Where(used => used != user).Select(used => (user, used)));
        }

        return pairs;
    }

    public void Dispose() => file.Dispose();

    private void CollectAllOf(TypeDefinitionHandle handle, NameCollector names)
    {
        var type = metadata.GetTypeDefinition(handle);
        Collect(type.BaseType, names);
        foreach (var implemented in type.GetInterfaceImplementations())
            Collect(metadata.GetInterfaceImplementation(implemented).Interface, names);
        foreach (var parameter in type.GetGenericParameters())
            CollectConstraints(parameter, names);
        foreach (var field in type.GetFields())
            metadata.GetFieldDefinition(field).DecodeSignature(names, genericContext: null);
        foreach (var method in type.GetMethods())
            CollectAllOf(metadata.GetMethodDefinition(method), names);
    }

    private void CollectAllOf(MethodDefinition method, NameCollector names)
    {
        method.DecodeSignature(names, genericContext: null);
        foreach (var parameter in method.GetGenericParameters())
            CollectConstraints(parameter, names);
        if (method.RelativeVirtualAddress == 0)
            return;
        var body = file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
            metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(names, genericContext: null);
        foreach (var region in body.ExceptionRegions.Where(region => region.Kind == ExceptionRegionKind.Catch))
            Collect(region.CatchType, names);
        foreach (var token in MethodBodies.Tokens(body.GetILReader()))
            Collect(MetadataTokens.EntityHandle(token), names);
    }

    private void CollectConstraints(GenericParameterHandle handle, NameCollector names)
    {
        foreach (var constraint in metadata.GetGenericParameter(handle).GetConstraints())
            Collect(metadata.GetGenericParameterConstraint(constraint).Type, names);
    }

    private void Collect(EntityHandle handle, NameCollector names)
    {
        if (handle.IsNil)
            return;
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                names.Add(NameCollector.NameOf(metadata, (TypeDefinitionHandle)handle));
                break;
            case HandleKind.TypeReference:
                names.Add(NameCollector.NameOf(metadata, (TypeReferenceHandle)handle));
                break;
            case HandleKind.TypeSpecification:
                metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(names, genericContext: null);
                break;
            case HandleKind.MethodDefinition:
                Collect(metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType(), names);
                break;
            case HandleKind.FieldDefinition:
                Collect(metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType(), names);
                break;
            case HandleKind.MemberReference:
                Collect(metadata.GetMemberReference((MemberReferenceHandle)handle).Parent, names);
                break;
            case HandleKind.MethodSpecification:
                var specification = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                specification.DecodeSignature(names, genericContext: null);
                Collect(specification.Method, names);
                break;
            case HandleKind.StandaloneSignature:
                metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(names, genericContext: null);
                break;
            default:
                throw new NotSupportedException($"a method body names a {handle.Kind}");
        }
    }
}
