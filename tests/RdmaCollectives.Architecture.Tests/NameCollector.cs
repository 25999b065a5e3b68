using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace RdmaCollectives.Architecture.Tests;

/// <summary>Walks signatures and keeps the full names of the types in them; what it returns means nothing.</summary>
internal sealed class NameCollector : ISignatureTypeProvider<byte, object?>
{
    public HashSet<string> Found { get; } = new(StringComparer.Ordinal);

    public static string NameOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer ? NameOf(metadata, outer) : Full(metadata, type.Namespace, type.Name);
    }

    public static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return type.ResolutionScope.Kind == HandleKind.TypeReference
            ? NameOf(metadata, (TypeReferenceHandle)type.ResolutionScope)
            : Full(metadata, type.Namespace, type.Name);
    }

    public void Add(string name) => Found.Add(name);

    public byte GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Keep(NameOf(reader, handle));

    public byte GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Keep(NameOf(reader, handle));

    public byte GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public byte GetArrayType(byte elementType, ArrayShape shape) => 0;

    public byte GetByReferenceType(byte elementType) => 0;

    public byte GetFunctionPointerType(MethodSignature<byte> signature) => 0;

    public byte GetGenericInstantiation(byte genericType, ImmutableArray<byte> typeArguments) => 0;

    public byte GetGenericMethodParameter(object? genericContext, int index) => 0;

    public byte GetGenericTypeParameter(object? genericContext, int index) => 0;

    public byte GetModifiedType(byte modifier, byte unmodifiedType, bool isRequired) => 0;

    public byte GetPinnedType(byte elementType) => 0;

    public byte GetPointerType(byte elementType) => 0;

    public byte GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

    public byte GetSZArrayType(byte elementType) => 0;

    private static string Full(MetadataReader metadata, StringHandle @namespace, StringHandle name)
    {
        var simple = metadata.GetString(name).Split('`')[0];
        return @namespace.IsNil ? simple : metadata.GetString(@namespace) + "." + simple;
    }

    private byte Keep(string name)
    {
        Add(name);
        return 0;
    }
}
